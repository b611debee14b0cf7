"A few PPO steps of a tiny model, the same under every engine: torchrun --nproc_per_node 2 train.py out"
import argparse, json, os, time
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
import torch
from accelerate.utils import InitProcessGroupKwargs
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.utils import logging
from lm_ppo import PPOConfig, PPOTrainer
from lm_ppo.checkpoint_files import checkpoints, read_checkpoint
from lm_ppo.core import LengthSampler
from lm_ppo.models import AutoModelForCausalLMWithValueHead
from lm_ppo.processes import full_weights, held_bytes

p = argparse.ArgumentParser()
p.add_argument('out', help='folder for responses, statistics and weights')
p.add_argument('--rows', type=int, default=19, help='queries in the dataset')
p.add_argument('--batch', type=int, default=12, help='responses in a step, all processes')
p.add_argument('--mini', type=int, default=6, help='responses in an update, all processes')
p.add_argument('--steps', type=int, default=4)
p.add_argument('--dtype', default='float64')
p.add_argument('--optimizer', default='Adam')
p.add_argument('--width', type=int, default=32)
p.add_argument('--options', default='{}', help='more settings, as JSON; with variables of the environment ($RANK)')
p.add_argument('--sampling', default='{}', help='options of generate, as JSON')
p.add_argument('--backend', help='gloo: for DeepSpeed on CPUs, where accelerate must not choose')
p.add_argument('--shard', action='store_true', help="torch's fully_shard by hand, for CPUs, where accelerate has no FSDP")
p.add_argument('--processes', type=int, help='how many there should be; None: as many as the launcher says')
p.add_argument('--die', help='rank:step at which a process kills itself')
p.add_argument('--full', help='rank:step at which a process runs out of memory with more than one text at a time')
p.add_argument('--nan', help='row:step that gives a loss which is not a number')
p.add_argument('--checkpoints', help='folder for checkpoints, one for each step; a run goes on from what is there')
a = p.parse_args()

def tiny(dtype):
    "The same random model in every process"
    logging.set_verbosity_error()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        lm = GPT2LMHeadModel(GPT2Config(vocab_size=11, n_positions=32, n_embd=a.width, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0))
        for x in lm.parameters(): x.data.normal_(std=.25)
    return AutoModelForCausalLMWithValueHead(lm).to(dtype)

def score(responses): return [(r==3).double().mean().item()+.1*len(r) for r in responses] # threes, and more of them

class Troubled(PPOTrainer):
    "What happens to long runs, at will"
    def _backward(self, batch, idx, n_tokens):
        stats,ratio = super()._backward(batch, idx, n_tokens)
        if a.full==f'{self.processes.rank}:{done}' and len(idx)>1: raise torch.OutOfMemoryError('no room')
        if a.nan and int(a.nan.split(':')[1])==done and int(a.nan.split(':')[0]) in idx: stats['loss/total'] = stats['loss/total']*torch.nan
        return stats, ratio

class RawSharded(Troubled):
    "FSDP2 without accelerate: every layer cut up by torch's own function"
    def _spread(self, model, optimizer):
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard
        mesh,self._whole = init_device_mesh('cpu', (self.processes.n,)),(-1, deepcopy(model).requires_grad_(False))
        for m in (model,self.ref_model):
            for layer in m.pretrained_model.transformer.h: fully_shard(layer, mesh=mesh)
            fully_shard(m, mesh=mesh, reshard_after_forward=True)
        self.processes,optimizer = replace(self.processes, kind='torch fully_shard'),type(optimizer)(model.parameters(), lr=self.config.learning_rate)
        optimizer.register_step_post_hook(lambda *_: setattr(self, '_updates', self._updates+1))
        return model, optimizer

world,out = int(os.environ.get('WORLD_SIZE', 1)),Path(a.out)
machine = dict(cpu=True) if a.backend is None else dict(kwargs_handlers=[InitProcessGroupKwargs(backend=a.backend)])
config = PPOConfig(batch_size=a.batch//world, mini_batch_size=a.mini//world, learning_rate=1e-3, ppo_epochs=2, keyed_sampling=True, world_size=a.processes or world,
                   **dict(accelerator_kwargs=machine) | json.loads(os.path.expandvars(a.options)))
model = tiny(getattr(torch, a.dtype))
optimizer = getattr(torch.optim, a.optimizer)(model.parameters(), lr=config.learning_rate)
rows = [dict(input_ids=torch.arange(i%4+1)*(i+1)%11) for i in range(a.rows)]
trainer = (RawSharded if a.shard else Troubled)(config, model, dataset=rows, optimizer=optimizer)
lengths,drawn,history,done = LengthSampler(3, 9, seed=1),[],[],0
if a.checkpoints and checkpoints(a.checkpoints):
    kept = trainer.load_checkpoint(a.checkpoints)
    sampling,saved = trainer._writer().state_dict(),read_checkpoint(checkpoints(a.checkpoints)[-1])[0]
    assert all(torch.equal(w, sampling[k].cpu()) for k,w in saved.items()), 'a process samples with other weights than those of the checkpoint'
    drawn,history,done,lengths.rng.bit_generator.state = kept['drawn'],kept['history'],trainer.current_step,kept['lengths']
while done<a.steps:
    for batch in trainer.dataloader:
        if done==a.steps: break
        if a.die==f'{trainer.processes.rank}:{done}': os.kill(os.getpid(), 9)
        r = trainer.generate(batch['input_ids'], return_prompt=False, length_sampler=lengths, **json.loads(a.sampling))
        start = time.perf_counter()
        stats = trainer.step(batch['input_ids'], r, score(r))
        drawn.append([x.tolist() for x in trainer.processes.gather(r)])
        history.append({k:float(v) for k,v in stats.items() if not getattr(v, 'ndim', 0)} | dict(ratio_max=float(stats['ppo/policy/ratio'].max()), seconds=time.perf_counter()-start))
        done += 1
        if a.checkpoints: trainer.save_checkpoint(a.checkpoints, dict(drawn=drawn, history=history, lengths=lengths.rng.bit_generator.state))
def optimizer_bytes(state): return sum(x.numel()*x.element_size() for s in state.values() for x in map(local, s.values()) if x.numel()>1)
def local(x): return x.to_local() if hasattr(x, 'to_local') else x if isinstance(x, torch.Tensor) else torch.empty(0)

inner = trainer.optimizer
while hasattr(inner, 'optimizer'): inner = inner.optimizer # accelerate and DeepSpeed wrap it
held = dict(policy=held_bytes(trainer.accelerator.unwrap_model(trainer.model)), reference=held_bytes(trainer.ref_model), optimizer=optimizer_bytes(inner.state), weights=sum(p.numel()*p.element_size() for p in tiny(getattr(torch, a.dtype)).parameters()))
held = trainer.processes.each(held | dict(max_texts=min(trainer.max_texts, 10**9)))
weights = {k:v.clone().contiguous() for k,v in full_weights(trainer.accelerator.unwrap_model(trainer.model))} # every process has to ask
if trainer.processes.first:
    out.mkdir(parents=True, exist_ok=True)
    (out/'run.json').write_text(json.dumps(dict(kind=trainer.processes.kind, sharded=trainer.is_sharded, held=held, drawn=drawn, history=history, refused=trainer.refused and trainer.refused.rows), default=int))
    save_file(weights, out/'weights.safetensors')
trainer.accelerator.wait_for_everyone() # leaving while others still talk aborts them
trainer.accelerator.end_training()
