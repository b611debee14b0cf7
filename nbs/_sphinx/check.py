"Open every page of the site in headless Chromium, light, dark and as on a phone, and fail on what a reader would stumble over."
import os, shutil, sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

root = Path(__file__).resolve().parents[2]
site = Path(sys.argv[1] if len(sys.argv)>1 else root/'docs').resolve()
VIEWS = dict(light=dict(viewport=dict(width=1280, height=900), color_scheme='light'), dark=dict(viewport=dict(width=1280, height=900), color_scheme='dark'),
             phone=dict(viewport=dict(width=390, height=844), color_scheme='light'))
FIND = {'PPOTrainer.step':'ppo.html', 'masked_mean':'core.html', 'GAE':'objective.html'} # what people search for, and a page that must be found
LOOK = '''() => ({
    width: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    images: [...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.getAttribute('src')),
    maths: [...document.querySelectorAll('.math')].filter(m => !m.querySelector('.katex') || m.querySelector('.katex-error')).map(m => m.textContent.slice(0, 60)),
    ids: [...document.querySelectorAll('[id],a[name]')].map(e => e.id || e.name),
    links: [...document.querySelectorAll('a[href]')].map(a => a.href),
    raw: [...document.querySelectorAll('article p, article li, article td')].map(e => e.innerText).filter(t => /\\{(target|#|\\.)|^:::|lm-ppo\\.invalid|@(fig|eq)-|\\]\\(\\w/.test(t)).map(t => t.slice(0, 60)),
    back: getComputedStyle(document.body).backgroundColor})'''

def luminance(rgb): return sum(w*float(v) for w,v in zip((.3,.59,.11), rgb.strip('rgba()').split(',')))

def check_pages(browser, bad):
    "What is wrong on each page in each view; gives page -> its anchors and the links on it"
    anchors,links = {},{}
    for view,settings in VIEWS.items():
        page = browser.new_context(**settings).new_page()
        page.set_default_timeout(120_000) # busy machines
        seen = []
        page.on('request', lambda r: r.url.startswith(('file:','data:','blob:')) or seen.append(f'asks for {r.url}'))
        page.on('requestfailed', lambda r: seen.append(f'cannot load {r.url}'))
        page.on('console', lambda m: m.type in ('error','warning') and seen.append(f'console: {m.text}'))
        page.on('pageerror', lambda e: seen.append(f'script error: {e}'))
        for fn in sorted(site.rglob('*.html')):
            name = fn.relative_to(site).as_posix()
            page.goto(fn.as_uri())
            o = page.evaluate(LOOK)
            anchors[fn],links[fn] = set(o['ids']),o['links']
            if o['width']>0: seen.append(f'{o["width"]} px wider than the window')
            for what in ('images','maths','raw'): seen += [f'{what}: {x!r}' for x in o[what]]
            if (luminance(o['back'])<128)!=(view=='dark'): seen.append(f'background {o["back"]}')
            bad += [f'{name}, {view}: {s}' for s in seen]
            seen.clear()
        page.context.close()
    return anchors,links

def check_links(anchors, links, bad):
    "Links inside the site, and to the notebooks beside it, lead somewhere"
    for fn,urls in links.items():
        for url in sorted(set(urls)):
            u = urlsplit(url)
            if u.scheme!='file': continue
            to,frag = Path(unquote(u.path)),unquote(u.fragment)
            if not to.is_file(): bad.append(f'{fn.name}: dead link {url}')
            elif frag and to in anchors and frag not in anchors[to]: bad.append(f'{fn.name}: no anchor {url}')
            elif site not in to.parents and root/'nbs' not in to.parents: bad.append(f'{fn.name}: leaves the site {url}')

def check_search(browser, bad):
    page = browser.new_page()
    for words,want in FIND.items():
        page.goto((site/'index.html').as_uri())
        page.fill('input.sidebar-search', words)
        page.press('input.sidebar-search', 'Enter')
        page.wait_for_selector('#search-results ul.search li a', timeout=20_000)
        found = page.eval_on_selector_all('#search-results ul.search li a', 'es => es.map(e => e.href)')
        if not any(f'/{want}' in f for f in found[:3]): bad.append(f'search for {words!r}: {want} is not among the first of {found[:5]}')

def main():
    try: from playwright.sync_api import sync_playwright
    except ImportError: return print('SKIPPED docs in a browser: no playwright (pip install playwright)')
    chromium = os.environ.get('CHROMIUM') or shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    if not chromium: return print('SKIPPED docs in a browser: no Chromium (apt-get install chromium, or set CHROMIUM)')
    bad = []
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
        anchors,links = check_pages(browser, bad)
        check_links(anchors, links, bad)
        check_search(browser, bad)
        browser.close()
    print(*bad[:60], f'{len(anchors)} pages in {len(VIEWS)} views, {sum(map(len, links.values()))} links, {len(FIND)} searches: {len(bad)} faults', sep='\n')
    if bad: sys.exit(1)

if __name__=='__main__': main()
