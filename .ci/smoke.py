"The two first examples and three steps of the demo, on the embedded models, with whatever versions are installed."
import subprocess, sys, tempfile
from importlib.metadata import version
from pathlib import Path
import lm_ppo
assert not {'torch', 'datasets'} & set(sys.modules), '`import lm_ppo` must load nothing heavy'
missing = [n for n in lm_ppo.__all__ if getattr(lm_ppo, n) is None]
assert not missing, missing

import torch
from transformers import AutoTokenizer
from lm_ppo import PPOTrainer, PPOConfig, AutoModelForCausalLMWithValueHead, GPT2HeadWithValueModel, EMBEDDED_LM, create_reference_model
from lm_ppo.core import respond_to_batch

tokenizer = AutoTokenizer.from_pretrained(EMBEDDED_LM)
query = tokenizer.encode("This morning I went to the ", return_tensors="pt")
model, ref = (GPT2HeadWithValueModel.from_pretrained(EMBEDDED_LM) for _ in range(2))
first = PPOTrainer(model, ref, batch_size=1, forward_batch_size=1)
stats = first.step(query, respond_to_batch(model, query, pad_token_id=tokenizer.eos_token_id), torch.tensor([1.0]))
model = AutoModelForCausalLMWithValueHead.from_pretrained(EMBEDDED_LM)
second = PPOTrainer(PPOConfig(batch_size=1), model, create_reference_model(model), tokenizer)
stats2 = second.step([query[0]], [respond_to_batch(model, query)[0]], [torch.tensor(1.0)])
assert set(stats) == set(stats2) and abs(float(stats2['objective/kl'])) < 1e-3

compiled = lm_ppo.CompiledDecoder(model, backend='eager') # its cache differs between generations of transformers
a,b = (lm_ppo.sample(model, [query[0],query[0][:2]], 6, generator=torch.Generator().manual_seed(0), compiled=c) for c in (None,compiled))
assert [r.tolist() for r in a.responses]==[r.tolist() for r in b.responses] and (a.logprobs-b.logprobs).abs().max()<1e-4

with tempfile.TemporaryDirectory() as d:
    exe = Path(sys.executable).with_name('lm_ppo_sentiment')
    subprocess.run([exe, '--steps', '3', '--batch-size', '16', '--eval-queries', '16', '--output-dir', d], check=True, stdout=subprocess.DEVNULL)
    assert (Path(d)/'summary.json').exists()
print('ok with', ', '.join(f'{p} {version(p)}' for p in 'torch transformers accelerate datasets safetensors numpy pandas matplotlib tqdm fastcore'.split()))
