"""What `trl` 0.11.4 computes on a tiny model: inputs, log-probs, values, rewards, advantages, returns, losses, weights after a step.

trl 0.11.4 needs an environment of its own (Python 3.11):

    python3 -m venv .venv-trl
    .venv-trl/bin/pip install torch==2.13.0 trl==0.11.4 'transformers<4.47' 'numpy<2' rich datasets==3.1.0 \
        pyarrow==18.1.0 fsspec==2024.9.0 dill==0.3.8 multiprocess==0.70.16
    .venv-trl/bin/python nbs/trl_0_11_4_record.py --out nbs/data/trl_0_11_4

It writes a .json (settings, statistics, traps) and a .safetensors (tensors) that notebook 12 reads. The recording is of what trl gets right:
no dropout, padding on the right, whole-batch updates, a value head without dropout; and, where rewards are whitened, rows that all end in the same
column, because trl gives the padding behind shorter rows a whitened reward as well. One line of trl is repaired, or score scaling could not be
recorded at all: its running moments are plain numbers on which `step` calls `.to`. The script uses nothing of `lm_ppo` but its tokenizer, for padding."""
import argparse, json, platform, warnings
from importlib.metadata import version
from pathlib import Path
import torch
from accelerate.state import AcceleratorState, GradientState
from safetensors.torch import save_file
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel
from trl import AutoModelForCausalLMWithValueHead, PPOConfig, PPOTrainer
from trl.trainer.utils import RunningMoments
warnings.filterwarnings('ignore')
tokenizer = AutoTokenizer.from_pretrained(Path(__file__).resolve().parents[1]/'lm_ppo'/'weights'/'gpt2', padding_side='right')
tokenizer.pad_token = tokenizer.eos_token

model_config = dict(vocab_size=29, n_positions=24, n_embd=8, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0)
base = dict(ppo_epochs=3, init_kl_coef=.3, target=1., horizon=60, gamma=.97, lam=.9, cliprange=.1, cliprange_value=.15, vf_coef=.3, seed=0)
optimizers = dict(sgd=lambda ps: torch.optim.SGD(ps, lr=.05), adam=lambda ps: torch.optim.Adam(ps, lr=3e-3))
scaling = dict(use_score_scaling=True, use_score_norm=True, score_clip=1.)
cases = {f'{kl}{"+whiten"*w}{"+scale"*s}':dict(kl_penalty=kl) | (dict(whiten_rewards=True, inputs='even') if w else {}) | (scaling if s else {}) for kl in ('kl','abs','mse','full') for w in (0,1) for s in (0,1)}
cases |= {'kl+scaling only':dict(kl_penalty='kl', use_score_scaling=True), 'kl+clip only':dict(kl_penalty='kl', score_clip=.7), 'kl, two steps':dict(kl_penalty='kl', steps=2), 'kl+scale, two steps':dict(kl_penalty='kl', steps=2, **scaling)}
lengths = dict(ragged=[(1,1),(2,2),(3,7),(5,3),(4,5),(2,4)], even=[(1,7),(7,1),(2,6),(3,5),(4,4),(6,2)]) # tokens of query and response

def rand(seed, *shape, std=1.): return torch.randn(shape, generator=torch.Generator().manual_seed(seed))*std

def batch(seed, inputs='ragged'):
    g = torch.Generator().manual_seed(seed)
    draw = lambda n: torch.randint(1, model_config['vocab_size'], (n,), generator=g)
    queries,responses = zip(*((draw(q),draw(r)) for q,r in lengths[inputs]))
    responses[2][-1] = 0 # an end-of-text token counts like any other
    return list(queries),list(responses),list(rand(seed+1, len(queries), std=2.)+1)

def make_model(seed, **kw):
    model = AutoModelForCausalLMWithValueHead.from_pretrained(GPT2LMHeadModel(GPT2Config(**model_config, **dict(resid_pdrop=0., embd_pdrop=0., attn_pdrop=0.) | kw)), summary_dropout_prob=0.)
    for i,(k,p) in enumerate(sorted(model.named_parameters())): p.data = rand(1000*seed+i, *p.shape, std=.35)+('ln' in k and 'weight' in k)
    return model.eval()

class Moments(RunningMoments):
    "Running mean and standard deviation as tensors, as `step` wants them"
    def update(self, xs):
        res = super().update(xs)
        self.mean,self.std = torch.tensor(float(self.mean)),torch.tensor(float(self.std))
        return res

def make_trainer(optimizer='sgd', model=None, repair=True, side='right', dataset=None, batch_size=6, mini_batch_size=None, **kw):
    AcceleratorState._reset_state(True); GradientState._reset_state()
    tokenizer.padding_side = side
    model,ref = model or make_model(1),make_model(1)
    for i,p in enumerate(ref.pretrained_model.parameters()): p.data += rand(5000+i, *p.shape, std=.1)
    config = PPOConfig(**base | dict(batch_size=batch_size, mini_batch_size=mini_batch_size or batch_size, accelerator_kwargs=dict(cpu=True)) | kw)
    trainer = PPOTrainer(config, model, ref, tokenizer, dataset=dataset, optimizer=optimizers[optimizer](model.parameters()), data_collator=(lambda rows: rows) if dataset else None)
    if repair and config.use_score_scaling: trainer.running = Moments(trainer.accelerator)
    return trainer

def listen(trainer, names, to):
    "Append what the trainer's methods return to lists in `to`"
    for name in names:
        def heard(*args, _old=getattr(trainer, name), _to=to.setdefault(name, []), **kw):
            _to.append(_old(*args, **kw))
            return _to[-1]
        setattr(trainer, name, heard)

def rows(x, mask): return torch.cat([r[m] for r,m in zip(x.detach(), mask.bool())])
def scalars(stats): return {k:float(v) for k,v in stats.items() if getattr(v, 'size', 1)==1 and not k.startswith('time/')}

def record(case, optimizer):
    "One `step`, or two: statistics, and tensors with the response tokens of all rows in a row"
    kw,heard,stats = dict(case),{},[]
    steps,inputs = kw.pop('steps', 1),kw.pop('inputs', 'ragged')
    trainer = make_trainer(optimizer, **kw)
    start = {k:v.detach().clone() for k,v in trainer.model.state_dict().items()}
    listen(trainer, ('batched_forward_pass','compute_rewards','compute_advantages'), heard)
    for i in range(steps): stats.append(scalars(trainer.step(*batch(10+i, inputs))))
    (logprobs,_,values,mask),(ref_logprobs,*_) = heard['batched_forward_pass'][:2]
    (rewards,_,kls),(_,advantages,returns) = heard['compute_rewards'][0],heard['compute_advantages'][0]
    shared = {f'{inputs}/{k}':rows(v, mask) for k,v in dict(logprobs=logprobs, ref_logprobs=ref_logprobs, values=values).items()}
    own = {k:rows(v, mask) for k,v in dict(rewards=rewards, kls=kls, advantages=advantages, returns=returns).items()}
    own['update'] = torch.cat([(v.detach()-start[k]).flatten() for k,v in sorted(trainer.model.state_dict().items()) if v.is_floating_point() and 'lm_head' not in k])
    return stats, shared, own

def attempt(f):
    "What happens, in words"
    try: return f'returns {f()!r}'
    except Exception as e: return f'{type(e).__name__}: {e}'

def forward(trainer, q, r): return trainer.batched_forward_pass(trainer.model, q, r, trainer.prepare_model_inputs(q, r))

@torch.no_grad()
def logprob_gap(q, r):
    "Largest difference between the log-probs of left-padded and right-padded rows"
    parts = []
    for side in ('left','right'):
        lp,_,_,mask = forward(make_trainer(side=side), q, r)
        parts.append(rows(lp, mask))
    return (parts[0]-parts[1]).abs().max().item()

def traps():
    "What goes wrong in 0.11.4, in numbers"
    q,r,s = batch(10)
    res,greedy = {},dict(max_new_tokens=8, do_sample=False, eos_token_id=None, pad_token_id=0)
    trainer = make_trainer(model=make_model(1, resid_pdrop=.5))
    distinct = lambda: len({tuple(trainer.generate(q[2], **greedy)[0].tolist()) for _ in range(8)})
    res['greedy texts before the first step, of 8'] = distinct()
    trainer.step(q, r, s)
    res['greedy texts after the first step, of 8'] = distinct()
    trainer,norms = make_trainer(max_grad_norm=.01),[]
    trainer.optimizer.optimizer.register_step_pre_hook(lambda o,*_: norms.append(torch.stack([p.grad.norm() for p in o.param_groups[0]['params'] if p.grad is not None]).norm().item()))
    trainer.step(q, r, s)
    res['gradient norms with max_grad_norm 0.01'] = norms
    res['log-probs, left padding against right'] = logprob_gap(q, r)
    eos_first = [torch.tensor([0,5,6]),torch.tensor([7,8])]
    res['tokens of query and response, query starts with EOS'] = [len(o) for o in make_trainer(batch_size=2).generate(eos_first, max_new_tokens=4, do_sample=False, pad_token_id=0)]
    steps = [record(dict(kl_penalty='kl', ppo_epochs=1) | kw, 'sgd')[2]['update'] for kw in ({}, dict(mini_batch_size=3, gradient_accumulation_steps=2))]
    res['update, accumulated against whole batch, relative'] = ((steps[1]-steps[0]).norm()/steps[0].norm()).item()
    _,shared,own = record(dict(kl_penalty='kl', whiten_rewards=True), 'sgd')
    res['return of a one-token response, rewards whitened'] = own['returns'][0].item() # by definition its whitened reward, the only one it has
    res['empty response'] = attempt(lambda: make_trainer().step(q, r[:-1]+[r[-1][:0]], s))
    res['score scaling'] = attempt(lambda: make_trainer(repair=False, use_score_scaling=True).step(q, r, s))
    torch.manual_seed(123); before = torch.get_rng_state(); make_trainer()
    res['constructor leaves the global generator alone'] = bool((before==torch.get_rng_state()).all())
    from datasets import Dataset
    res['rows in the batches of 5 rows, batch size 2'] = [len(b) for b in make_trainer(dataset=Dataset.from_dict(dict(query=list('abcde'))), batch_size=2).dataloader]
    return res

if __name__=='__main__':
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('--out', default='nbs/data/trl_0_11_4', help='files without their endings')
    out = Path(p.parse_args().out)
    torch.set_num_threads(1)
    out.parent.mkdir(parents=True, exist_ok=True)
    tensors = {f'policy.{k}':v for k,v in make_model(1).state_dict().items()} | {f'ref.{k}':v for k,v in make_trainer().ref_model.state_dict().items()}
    tensors = {k:v.clone() for k,v in tensors.items() if v.is_floating_point() and 'lm_head' not in k}
    stats = {}
    for name,case in cases.items():
        for opt in optimizers:
            stats[f'{name}/{opt}'],shared,own = record(case, opt)
            tensors |= {f'{name}/{k}':v for k,v in own.items() if k!='update'} | {f'{name}/{opt}/update':own['update']}
            tensors |= shared # the same for all cases with these inputs
            print(name, opt, {k:round(v, 5) for k,v in stats[f'{name}/{opt}'][0].items() if k in ('ppo/loss/total','objective/kl','ppo/policy/clipfrac','ppo/val/clipfrac')}, flush=True)
    lists = {inputs:[dict(zip(('queries','responses','scores'), ([o.tolist() for o in part] for part in batch(10+i, inputs)))) for i in range(2)] for inputs in lengths}
    versions = {'python':platform.python_version()} | {k:version(k) for k in ('trl','torch','transformers')}
    meta = dict(versions=versions, model=model_config, base=base, cases=cases, batches=lists, stats=stats, traps=traps())
    save_file({k:v.contiguous().float() for k,v in tensors.items()}, out.with_name(out.name+'.safetensors'))
    out.with_name(out.name+'.json').write_text(json.dumps(meta, indent=1)+'\n')
    print(json.dumps(meta['traps'], indent=1))
