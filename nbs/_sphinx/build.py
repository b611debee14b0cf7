"Build the docs site in `docs/` and `README.md` from nbdev's processed notebooks, without Quarto."
import ast, base64, re, shutil, sys
from itertools import groupby
from pathlib import Path
import yaml
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from execnb.nbio import read_nb, write_nb, mk_cell
from nbdev import processors, showdoc
from nbdev.config import get_config
from nbdev.serve import proc_nbs
from entry import Entry

here = Path(__file__).parent
cfg = get_config()
base = f'{cfg.doc_host}{cfg.doc_baseurl}'.rstrip('/')
blob = f'{cfg.git_url}/blob/{cfg.branch}/{cfg.lib_path.name}/' # where nbdev thinks the source is

def stem(fn): return re.sub(r'^\d+[a-zA-Z0-9]*_', '', Path(fn).name.lower()).removesuffix('.ipynb') # as nbdev names its pages

# ---- what runs ---------------------------------------------------------------
def _needed(cell, _nbdev=processors._do_eval):
    "nbdev runs each cell with an import in it; an example that imports what it uses must not run for the docs"
    if not (cell.directives_.keys() & {'export','exports','exporti','exec_doc'}) and cell.cell_type=='code' and 'show_doc' not in cell.source:
        trees = cell.parsed_() or []
        if not all(isinstance(o, (ast.Import,ast.ImportFrom)) for o in trees): return False
    return _nbdev(cell)
processors._do_eval = _needed
showdoc.BasicMarkdownRenderer = Entry

# ---- Quarto markdown -> MyST -------------------------------------------------
def _outside_code(f, s):
    "Apply `f` to the parts of `s` outside fenced and inline code"
    parts = re.split(r'(^```.*?^```[ \t]*$|`[^`\n]+`)', s, flags=re.M|re.S)
    return ''.join(p if i%2 else f(p) for i,p in enumerate(parts))

anchors = set() # symbols that have an entry of their own

def _sym(m):
    "Link target for a symbol link made by nbdev: its entry, else its class's, else its page"
    page,nm = m[1],m[2].lower()
    for o in (nm, nm.rpartition('.')[0]):
        if o in anchors: return f'](#api-{o})'
    return f']({page}.ipynb)'

def _methods(s):
    "Link `step` and the like to the trainer's methods; names that another class has too stay as they are, and 'its `step`'"
    def f(m):
        owners = [o for o in anchors if o.endswith('.'+m[1])]
        return f'[{m[0]}](#api-{owners[0]})' if len(owners)==1 and owners[0].startswith(('ppotrainer.','basetrainer.')) else m[0]
    parts = re.split(r'(^```.*?^```[ \t]*$|^#.*$|\[[^\]\n]*\]\([^)\n]*\))', s, flags=re.M|re.S) # not in code, headings and links
    return ''.join(p if i%2 else re.sub(r'(?<![Ii]ts )(?<!`)`(\w+)`(?!`)', f, p) for i,p in enumerate(parts))

def _links(s):
    s = re.sub(rf'\]\({re.escape(base)}/([^)#\s]*)\.html#([^)\s]+)\)', _sym, s)
    s = re.sub(r'\]\((?!https?:)([^)#\s]+\.ipynb)', lambda m: f']({stem(m[1])}.ipynb', s) # links between notebooks
    def src(m): # source links of `show_doc` -> highlighted source inside the site
        return f'<a class="nb-source" href="source/{m[2].replace("/","_")}.html#L-{m[3]}">{m[1]}</a>'
    s = re.sub(rf'\[([^\]]+)\]\({re.escape(blob)}([^)#]+)\.py#L(\d+)\)\{{target="_blank"[^}}]*\}}', src, s)
    return re.sub(r'\]\(([^)]+)\)\{target="_blank"[^}]*\}', r'](\1){.nb-source}', s)

def _callouts(s):
    def f(m):
        title = re.match(r'\s*#+ +(.+)\n', m[2])
        body = m[2][title.end():] if title else m[2]
        return f':::{{admonition}} {title[1] if title else m[1].title()}\n:class: {m[1]}\n{body}:::'
    return re.sub(r'^:::+ *\{\.callout-(\w+)[^}]*\}\n(.*?)^:::+ *$', f, s, flags=re.M|re.S)

def _refs(s):
    s = re.sub(r'\$\$[ \t]*\{#([\w-]+)\}', r'$$ (\1)', s)
    s = re.sub(r'(?<![\w`@])@eq-([\w-]+)', r'{eq}`eq-\1`', s)
    s = re.sub(r'(?<![\w`@])@((?:fig|tbl)-[\w-]+)', r'{numref}`\1`', s)
    return s

def myst(s): return _links(_outside_code(_refs, _callouts(s)))

# ---- cells -------------------------------------------------------------------
_opt = re.compile(r'^#\| *([\w-]+): *(.*)\n?', re.M)

def _api(md):
    "Markdown of a `show_doc` output, with a link target under the symbol's name"
    md = re.sub(r'^---\n+', '', md)
    return re.sub(r'^(#+) (\S+)$', lambda m: f'(api-{m[2].lower()})=\n{m[1]} {m[2]}', md, count=1, flags=re.M)

def _short(html):
    "Mark the cells of a table that should not be broken into lines"
    return re.sub(r'<td(?: ([^>]*?)class="([^"]*)"[^>]*)?>([^<]{1,20})</td>', lambda m: f'<td {m[1] or ""}class="short {m[2] or ""}">{m[3]}</td>', html)

def cell2myst(c, seen):
    if c.cell_type=='markdown':
        c.source = _methods(myst(c.source))
        return c
    if c.cell_type!='code': return
    opts = {k:v.strip('"\'') for k,v in _opt.findall(c.source)}
    c.source = _opt.sub('', c.source).strip()
    if opts.get('include')=='false': return
    c.outputs = outs = [o for o in c.get('outputs', []) if o.output_type!='stream' or ''.join(o.text).strip()] # no empty boxes
    for o in outs:
        if 'text/html' in o.get('data', {}): o.data['text/html'] = _short(''.join(o.data['text/html']))
    if opts.get('output')=='asis': # `show_doc`
        nm = c.source.strip()
        if nm in seen: return # already shown (nbdev adds its own entry for `@patch`ed methods)
        seen.add(nm)
        md = '\n\n'.join(''.join(o.data['text/markdown']) for o in outs if 'text/markdown' in o.get('data', {}))
        return mk_cell(myst(_api(md)), 'markdown')
    tags = []
    if opts.get('echo')=='false': tags.append('remove-input')
    if opts.get('output')=='false': tags.append('remove-output')
    if opts.get('code-fold')=='true': tags.append('hide-input')
    c.metadata = dict(tags=tags)
    if 'code-summary' in opts: c.metadata['mystnb'] = dict(code_prompt_show=opts['code-summary'])
    if 'fig-cap' in opts or opts.get('label', '').startswith('fig-'):
        c.metadata.setdefault('mystnb', {})['figure'] = dict(caption=opts.get('fig-cap', ''), **({'name':opts['label']} if 'label' in opts else {}))
    return c

def _line(c):
    "Where the source of a `show_doc` cell's symbol begins; None for other cells"
    m = c.cell_type=='code' and 'show_doc(' in c.source and re.search(r'\.py#L(\d+)\)', str(c.get('outputs')))
    return int(m[1]) if m else None

def in_order(cells):
    "Entries that follow each other, in the order of their source (nbdev turns those of one cell around)"
    return [c for api,cs in groupby(cells, lambda c: _line(c) is not None) for c in (sorted(cs, key=_line) if api else cs)]

def split_front(nb):
    fm = yaml.safe_load(nb.cells[0].source.strip().strip('-')) if nb.cells and nb.cells[0].cell_type=='raw' else {}
    return fm, [c for c in nb.cells if c.cell_type!='raw' and not c.source.startswith('<!-- WARNING')]

def sources(out):
    "One page of highlighted source for each module, with line anchors `L-n`"
    out.mkdir()
    fmt = HtmlFormatter(linenos='inline', lineanchors='L', anchorlinenos=True, cssclass='highlight')
    for fn in sorted(f for f in cfg.lib_path.rglob('*.py') if f.name!='_modidx.py'):
        nm = fn.relative_to(cfg.lib_path).with_suffix('').as_posix().replace('/', '_')
        code = highlight(fn.read_text(encoding='utf-8'), PythonLexer(), fmt)
        (out/f'{nm}.md').write_text(f'---\norphan: true\nnosearch: true\n---\n# `{fn.relative_to(cfg.lib_path.parent).as_posix()}`\n\n'
                                    f'````{{raw}} html\n<div class="highlight-python notranslate nb-code">{code}</div>\n````\n', encoding='utf-8')

def stage(proc, src):
    shutil.rmtree(src, ignore_errors=True)
    src.mkdir()
    pages = []
    nbs = {fn:read_nb(fn) for fn in sorted(proc.glob('*.ipynb'))}
    anchors.update(m[1].lower() for nb in nbs.values() for c in nb.cells for o in c.get('outputs', [])
                   for m in re.finditer(r'^#+ (\S+)$', ''.join(o.get('data', {}).get('text/markdown', '')), re.M))
    for fn,nb in nbs.items():
        fm,cells = split_front(nb)
        seen = set()
        nm,num = stem(fn), (re.match(r'\d\d[a-z]*(?=_)', fn.name) or [''])[0]
        head = f"# {fm.get('title', nm)}\n\n"
        head += f'<a class="nb-open" href="../{cfg.nbs_path.name}/{fn.name}">open the notebook</a>\n\n'
        if fm.get('description'): head += f"*{fm['description']}*"
        nb.cells = [mk_cell(head, 'markdown')] + [o for o in (cell2myst(c, seen) for c in in_order(cells)) if o]
        if nm=='index': index = nb
        else:
            pages.append(f"{num} · {fm.get('title', nm)} <{nm}>" if num else f"{fm.get('title', nm)} <{nm}>")
            write_nb(nb, src/f'{nm}.ipynb')
    index.cells.append(mk_cell('```{toctree}\n:hidden:\n\n' + '\n'.join(pages) + '\n```', 'markdown'))
    write_nb(index, src/'index.ipynb')
    sources(src/'source')
    for d in proc.iterdir():
        if d.is_dir() and not d.name.startswith(('_','.')): shutil.copytree(d, src/d.name)

# ---- README ------------------------------------------------------------------
def _nblinks(s):
    "Links to pages of the site -> links to the notebooks they are made of"
    nbs = {stem(fn):fn.name for fn in cfg.nbs_path.glob('*.ipynb')}
    return re.sub(rf'\]\({re.escape(base)}/([^)#\s]*)\.html(?:#[^)\s]+)?\)', lambda m: f']({nbs[m[1]]})', s)

def _rel(s):
    "Paths relative to the notebooks folder -> relative to the repo root"
    return re.sub(r'\]\((?!https?:|#|/|mailto:)([^)]+)\)', rf']({cfg.nbs_path.name}/\1)', s)

def _alerts(s):
    def f(m):
        body = re.sub(r'^\s*#+ +(.+)$', r'**\1**', m[2].strip(), count=1, flags=re.M)
        return f'> [!{m[1].upper()}]\n' + '\n'.join(f'> {l}'.rstrip() for l in body.splitlines())
    return re.sub(r'^:::+ *\{\.callout-(\w+)[^}]*\}\n(.*?)^:::+ *$', f, s, flags=re.M|re.S)

def out2md(o, i):
    d = o.get('data', {})
    g = lambda k: ''.join(d[k])
    if 'image/png' in d:
        img = cfg.nbs_path/'images'/f'readme-{i}.png'
        img.parent.mkdir(exist_ok=True)
        img.write_bytes(base64.b64decode(g('image/png')))
        return f'![](images/{img.name})'
    if 'text/markdown' in d: return g('text/markdown')
    if 'text/html' in d: return re.sub(r'<style.*?</style>\n?', '', g('text/html'), flags=re.S)
    txt = g('text/plain') if 'text/plain' in d else ''.join(o.get('text', ''))
    return f'```\n{txt.rstrip()}\n```'

def readme(proc):
    fm,cells = split_front(read_nb(proc/cfg.readme_nb))
    res = [f"# {fm['title']}", f"<!-- Made from {cfg.nbs_path.name}/{cfg.readme_nb}: edit that, then run `make docs` -->"]
    if fm.get('description'): res.append(f"> {fm['description']}")
    for i,c in enumerate(cells):
        if c.cell_type=='markdown': res.append(c.source.strip())
        if c.cell_type!='code': continue
        opts,src = dict(_opt.findall(c.source)), _opt.sub('', c.source).strip()
        if opts.get('include')=='false': continue
        if opts.get('echo')!='false': res.append(f'```python\n{src}\n```')
        if opts.get('output')!='false': res += [out2md(o,i) for o in c.get('outputs', [])]
    (cfg.config_path/'README.md').write_text(_rel(_nblinks(_alerts('\n\n'.join(res))))+'\n')

def docs():
    from sphinx.cmd.build import main as sphinx
    proc = proc_nbs(n_workers=0, force=True)
    src,out = proc/'_src', cfg.doc_path
    stage(proc, src)
    readme(proc)
    html = proc/'_build'/'html'
    rc = sphinx(['-q','-W','--keep-going','-b','html','-c',str(here),'-d',str(proc/'_build'/'doctrees'),str(src),str(html)])
    if rc: return rc
    for f in [html/'.buildinfo', *html.rglob('*.map')]: f.unlink()
    (html/'.nojekyll').touch()
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(html, out)
    return 0

if __name__=='__main__': sys.exit(docs())
