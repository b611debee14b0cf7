"How a symbol is shown: its signature, then a table of its parameters, made from the comments beside them."
import ast, inspect, io, re, textwrap, tokenize
from importlib import import_module
from operator import attrgetter
from nbdev.config import get_config
from nbdev.showdoc import BasicMarkdownRenderer, _ext_link
from nbdev.doclinks import NbdevLookup

def parse(sym):
    "Syntax tree of a class or function, a function from tree to its text, and the comment of each line"
    src = textwrap.dedent(inspect.getsource(sym))
    notes = {t.start[0]:t.string.lstrip('# ') for t in tokenize.generate_tokens(io.StringIO(src).readline) if t.type==tokenize.COMMENT}
    return ast.parse(src).body[0], lambda o: o and ast.get_source_segment(src, o), notes

def func_params(node, text, notes):
    "(name, type, default, meaning) of each parameter; the return value is named `return`"
    a,rows,ends = node.args,[],[]
    def add(o, default=None, star=''):
        rows.append([star+o.arg, text(o.annotation), text(default), ''])
        ends.append((default or o).end_lineno)
    pos = [*a.posonlyargs, *a.args]
    for o,d in zip(pos, [None]*(len(pos)-len(a.defaults))+a.defaults): add(o, d)
    if a.vararg: add(a.vararg, star='*')
    elif a.kwonlyargs: rows.append(['*', None, None, '']); ends.append(0)
    for o,d in zip(a.kwonlyargs, a.kw_defaults): add(o, d)
    if a.kwarg: add(a.kwarg, star='**')
    if node.returns: rows.append(['return', text(node.returns), None, '']); ends.append(node.returns.end_lineno)
    for line,row in dict(zip(ends, rows)).items(): row[3] = notes.get(line, '') # a line's comment belongs to the last one on it
    return [r for r in rows if r[0] not in ('self','cls')]

def field_params(node, text, notes):
    "The same for the fields of a dataclass or named tuple"
    made = lambda s: s and re.sub(r'^field\(default_factory=(\w+)\)$', r'\1()', s)
    return [[o.target.id, text(o.annotation), made(text(o.value)), notes.get(o.end_lineno, '')] for o in node.body
            if isinstance(o, ast.AnnAssign) and not o.target.id.startswith('_')]

def exported(cls):
    "The class as the package has it: Python finds no source of one that a notebook made"
    lib = get_config().lib_name
    syms = import_module(f'{lib}._modidx').d['syms']
    mod = next((m for m in syms if f'{m}.{cls.__qualname__}' in syms[m]), None)
    return attrgetter(cls.__qualname__)(import_module(mod)) if mod else cls

def params(sym):
    "What a class takes when it is made, or what a function takes"
    if not inspect.isclass(sym): return func_params(*parse(sym))
    sym = exported(sym)
    try: return func_params(*parse(vars(sym)['__init__']))
    except (KeyError,OSError,TypeError): return field_params(*parse(sym)) # made by `dataclass` or `NamedTuple`, or inherited

def signature(nm, rows):
    "One call with names and defaults, in lines that fit a page"
    args = [n+(f'={d}' if d is not None else '') for n,_,d,_ in rows if n!='return']
    ret = next((f' -> {t}' for n,t,*_ in rows if n=='return'), '')
    one = f'{nm}({", ".join(args)}){ret}'
    if len(one)<=84: return one
    body = textwrap.fill(', '.join(o.replace(' ','\0') for o in args), 80, initial_indent='    ', subsequent_indent='    ', break_long_words=False, break_on_hyphens=False)
    return f'{nm}(\n{body}\n){ret}'.replace('\0', ' ')

def _cell(s): return re.sub(r'(?<!\\)\|', r'\\|', ' '.join((s or '').split()))
def _code(s): return f'`{_cell(s)}`' if s else ''
def _name(s): return f'<code class="docutils literal notranslate">{s.replace("*", "&#42;")}</code>' # no link to a symbol of that name
def _prose(s): return ''.join(p if i%2 else p.replace('<', '&lt;') for i,p in enumerate(re.split(r'(`[^`]+`)', _cell(s))))

def table(rows):
    "Markdown table, without the columns that are empty"
    rows = [['*returns*' if n=='return' else _name(n), _code(t), _code(d), _prose(m)] for n,t,d,m in rows if n!='*' and (n,t)!=('return','None')]
    if not any(t or m for _,t,_,m in rows): return ''
    cols = [(h,c) for h,c in zip(('parameter','type','default','meaning'), zip(*rows)) if any(c)]
    lines = [[h for h,_ in cols], ['---']*len(cols), *zip(*(c for _,c in cols))]
    return '\n'.join(f'| {" | ".join(l)} |' for l in lines)

class Entry(BasicMarkdownRenderer):
    "What `show_doc` gives"
    def __init__(self, sym, name=None, **kwargs):
        super().__init__(sym, name, **kwargs)
        full,inner = (getattr(o, '__qualname__', '') for o in (sym,self.sym))
        if full.endswith(f'.{inner}') and '<' not in full: # a decorated method: what nbdev finds inside does not know its class
            self.nm,self.fn = name or full,self.fn.removesuffix(inner)+full

    def _repr_markdown_(self):
        try: rows = params(self.sym)
        except (OSError,TypeError): return super()._repr_markdown_() # not Python's own `def` or `class`
        src,tbl = NbdevLookup().code(self.fn),table(rows)
        parts = [src and _ext_link(src, 'source'), f'{"#"*self.title_level} {self.nm}', f'```python\n{signature(self.nm, rows)}\n```',
                 inspect.cleandoc(self.docs or ''), tbl and f':::{{container}} api\n{tbl}\n:::']
        return '\n\n'.join(p for p in parts if p)
