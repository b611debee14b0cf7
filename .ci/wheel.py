"Check the wheel in dist/: the weights are in it, nothing foreign is, and it stays small."
import sys, zipfile
from pathlib import Path

whl, = Path('dist').glob('*.whl')
inside = {i.filename:i.file_size for i in zipfile.ZipFile(whl).infolist()}
expected = {str(p) for p in Path('lm_ppo').rglob('*') if p.is_file() and p.suffix in ('.py', '.safetensors', '.json', '.txt', '.md')}
missing = sorted(expected - set(inside))
foreign = sorted(f for f in inside if not f.startswith('lm_ppo/') and '.dist-info/' not in f)
weights = sum(v for k,v in inside.items() if k.startswith('lm_ppo/weights/'))
say = []
if missing: say.append(f'not in the wheel: {missing}')
if foreign: say.append(f'does not belong in the wheel: {foreign}')
if not any(f.endswith('.safetensors') for f in inside): say.append('no .safetensors file in the wheel: the embedded models are missing')
if weights > 16*2**20: say.append(f'lm_ppo/weights: expected at most {16*2**20} bytes, got {weights}')
if say: sys.exit(f'{whl}: ' + '; '.join(say))
print(f'{whl}: {len(inside)} files, {whl.stat().st_size/1e6:.1f} MB, weights {weights/1e6:.1f} MB')
