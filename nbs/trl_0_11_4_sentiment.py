"""The sentiment run with `trl` 0.11.4: same models, queries, batch and optimizer settings as notebook 04.

trl 0.11.4 needs an environment of its own (Python 3.11):

    python3 -m venv .venv-trl
    .venv-trl/bin/pip install torch==2.13.0 trl==0.11.4 'transformers<4.47' 'numpy<2' rich datasets==3.1.0 \
        pyarrow==18.1.0 fsspec==2024.9.0 dill==0.3.8 multiprocess==0.70.16
    .venv-trl/bin/python nbs/trl_0_11_4_sentiment.py --out nbs/data/trl_sentiment.json --seeds 0 1 2 3 4
    .venv-trl/bin/python nbs/trl_0_11_4_sentiment.py --out nbs/data/trl_sentiment.json --seeds 0 --init_kl_coef .02 --kl_target 20
    .venv-trl/bin/python nbs/trl_0_11_4_sentiment.py --out nbs/data/trl_sentiment.json --seeds 0 --steps 10 --one_by_one

The second run, with a low price of KL, goes further; the third is about time. Runs are added to the file; the same run replaces its older self.
Notebook 04 reads the JSON and draws it beside our own runs. The script uses nothing of `lm_ppo` but its folder of weights."""
import argparse, json, platform, time, warnings
from importlib.metadata import version
from pathlib import Path
import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from trl import AutoModelForCausalLMWithValueHead, PPOConfig, PPOTrainer, create_reference_model
warnings.filterwarnings('ignore')
weights = Path(__file__).resolve().parents[1]/'lm_ppo'/'weights'

def options():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('--model', default=str(weights/'gpt2')); p.add_argument('--classifier', default=str(weights/'classifier'))
    p.add_argument('--queries', default=str(weights)); p.add_argument('--out', default='trl_sentiment.json')
    p.add_argument('--seeds', type=int, nargs='+', default=[0]); p.add_argument('--targets', nargs='+', default=['positive'])
    p.add_argument('--steps', type=int, default=70); p.add_argument('--batch_size', type=int, default=128); p.add_argument('--mini_batch_size', type=int, default=32)
    p.add_argument('--ppo_epochs', type=int, default=2); p.add_argument('--learning_rate', type=float, default=1.2e-4); p.add_argument('--last_lr', type=float, default=.1)
    p.add_argument('--init_kl_coef', type=float, default=.12); p.add_argument('--kl_target', type=float, default=5.3); p.add_argument('--kl_horizon', type=float, default=2000.); p.add_argument('--threads', type=int, default=0)
    p.add_argument('--one_by_one', action='store_true', help='generate for one query at a time, as the examples of trl do')
    return p.parse_args()

def openings(a, split): return (Path(a.queries)/f'openings_{split}.txt').read_text(encoding='utf-8').splitlines()
def queries(tok, texts, rng): return [torch.tensor(tok.encode(t)[:int(rng.integers(2, 8))]) for t in texts]

class Classifier:
    def __init__(self, path):
        self.tok,self.model = AutoTokenizer.from_pretrained(path),AutoModelForSequenceClassification.from_pretrained(path, torch_dtype=torch.float32).eval()
    @torch.no_grad()
    def __call__(self, texts):
        logits = self.model(**self.tok(texts, padding=True, truncation=True, max_length=256, return_tensors='pt')).logits
        return logits[:,1],logits.softmax(1)[:,1]

def respond(trainer, tok, qs, rng, one_by_one=False):
    "Sample in one batch, then cut each response to its drawn length; or one by one, each to its length"
    how = dict(return_prompt=False, min_length=-1, top_k=0, top_p=1., do_sample=True, pad_token_id=tok.eos_token_id)
    if one_by_one: return [trainer.generate(q, max_new_tokens=int(rng.integers(4, 16)), **how)[0] for q in qs]
    out = trainer.generate(qs, batch_size=len(qs), max_new_tokens=15, **how)
    return [r[:int(rng.integers(4, 16))] for r in out]

@torch.no_grad()
def kl(trainer, qs, rs):
    inputs = trainer.prepare_model_inputs(qs, rs)
    lp,_,_,mask = trainer.batched_forward_pass(trainer.model, qs, rs, inputs)
    ref = trainer.batched_forward_pass(trainer.ref_model, qs, rs, inputs)[0]
    return ((lp-ref)*mask).sum(1).mean().item()

def distinct2(rs):
    grams = [g for r in rs for g in zip(r.tolist(), r.tolist()[1:])]
    return len(set(grams))/len(grams)

def run(a, seed, target):
    tok = AutoTokenizer.from_pretrained(a.model); tok.pad_token = tok.eos_token
    model = AutoModelForCausalLMWithValueHead.from_pretrained(a.model, torch_dtype=torch.float32)
    config = PPOConfig(batch_size=a.batch_size, mini_batch_size=a.mini_batch_size, ppo_epochs=a.ppo_epochs, learning_rate=a.learning_rate, init_kl_coef=a.init_kl_coef, target=a.kl_target, horizon=a.kl_horizon, seed=seed)
    opt = torch.optim.Adam(model.parameters(), lr=a.learning_rate)
    trainer = PPOTrainer(config, model, create_reference_model(model), tok, optimizer=opt, lr_scheduler=torch.optim.lr_scheduler.LinearLR(opt, 1., a.last_lr, a.steps))
    clf,rng,sign,pool,rows = Classifier(a.classifier),np.random.default_rng(seed),1 if target=='positive' else -1,openings(a, 'train'),[]
    order = [i for _ in range(1+a.steps*a.batch_size//len(pool)) for i in rng.permutation(len(pool))]
    torch.manual_seed(seed)
    for s in range(a.steps):
        start = time.perf_counter()
        qs = queries(tok, [pool[i] for i in order[s*a.batch_size:(s+1)*a.batch_size]], rng)
        rs = respond(trainer, tok, qs, rng, a.one_by_one)
        score,p = clf([tok.decode(torch.cat([q,r]), skip_special_tokens=True) for q,r in zip(qs, rs)])
        stats = trainer.step(qs, rs, list(sign*score))
        rows.append(dict(step=s+1, samples=(s+1)*a.batch_size, reward=float(sign*score.mean()), p_positive=float(p.mean()), kl=float(stats['objective/kl']), kl_coef=float(stats['objective/kl_coef']), seconds=time.perf_counter()-start))
        if s%10==9: print(seed, target, rows[-1], flush=True)
    fixed = np.random.default_rng(0)
    qs = queries(tok, openings(a, 'test')[:256], fixed)
    rs = respond(trainer, tok, qs, fixed)
    score,p = clf([tok.decode(torch.cat([q,r]), skip_special_tokens=True) for q,r in zip(qs, rs)])
    return dict(seed=seed, target=target, history=rows, p_positive_after=float(p.mean()), reward_after=float(sign*score.mean()), kl=kl(trainer, qs, rs), distinct2=distinct2(rs), samples=rows[-1]['samples'], train_seconds=sum(r['seconds'] for r in rows))

if __name__=='__main__':
    a = options()
    if a.threads: torch.set_num_threads(a.threads)
    out,settings = Path(a.out),{k:v for k,v in vars(a).items() if k not in ('model','classifier','queries','out','seeds','targets','threads') and v is not False}
    versions = {'python':platform.python_version()} | {k:version(k) for k in ('trl','torch','transformers')}
    out.parent.mkdir(parents=True, exist_ok=True)
    for target in a.targets:
        for seed in a.seeds:
            res = json.loads(out.read_text()) if out.exists() else dict(runs=[])
            new = dict(settings=settings, versions=versions, threads=torch.get_num_threads()) | run(a, seed, target)
            res['runs'] = [r for r in res['runs'] if (r['settings'],r['seed'],r['target'])!=(settings,seed,target)]+[new]
            out.write_text(json.dumps(res)) # after each run, so a stopped script loses only one
