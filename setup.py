"All metadata lives in `settings.ini` (nbdev); this file only hands it to setuptools."
import shlex
from configparser import ConfigParser
from pathlib import Path
from setuptools import setup, find_packages

here = Path(__file__).parent
ini = ConfigParser(delimiters=['='])
ini.read(here/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']

spdx = dict(apache2='Apache-2.0', mit='MIT', bsd3='BSD-3-Clause', gpl3='GPL-3.0-or-later')
status = ['', '1 - Planning', '2 - Pre-Alpha', '3 - Alpha', '4 - Beta', '5 - Production/Stable']
readme = here/'README.md' # made by `make docs`, which needs the package installed: absent the first time
def reqs(k): return shlex.split(cfg.get(k, ''))

setup(
    name=cfg['lib_name'], version=cfg['version'], description=cfg['description'], keywords=cfg['keywords'], author=cfg['author'],
    license_expression=spdx.get(cfg['license'], cfg['license']), license_files=['LICENSE'],
    classifiers=[f'Development Status :: {status[int(cfg["status"])]}', f'Intended Audience :: {cfg["audience"]}',
                 f'Natural Language :: {cfg["language"]}', 'Programming Language :: Python :: 3'],
    packages=find_packages(include=[cfg['lib_path'], f'{cfg["lib_path"]}.*']),
    include_package_data=False, package_data={cfg['lib_path']: [f'weights/**/*.{o}' for o in ('safetensors','json','txt','md')]},
    python_requires=f'>={cfg["min_python"]}', install_requires=reqs('requirements'),
    extras_require={k: reqs(f'{k}_requirements') for k in ('wandb', 'tensorboard', 'peft', 'label', 'textworld', 'deepspeed', 'dev')},
    long_description=readme.read_text(encoding='utf-8') if readme.exists() else '', long_description_content_type='text/markdown',
    entry_points={'console_scripts': reqs('console_scripts'),
                  'nbdev': [f'{cfg["lib_path"]}={cfg["lib_path"]}._modidx:d']}, zip_safe=False)
