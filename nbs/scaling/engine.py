"A stand-in for vLLM or SGLang: another process, another program, and slightly off. It reads requests as lines of JSON and answers so."
import json, sys
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

def sample(lm, query, n, temperature, eos, generator):
    "One response: token ids, and the log-probs that the engine believes in"
    ids,logprobs = list(query),[]
    for _ in range(n):
        logp = (lm(torch.tensor([ids])).logits[0,-1].float()/temperature).log_softmax(-1)
        ids.append(int(torch.multinomial(logp.exp(), 1, generator=generator)))
        logprobs.append(float(logp[ids[-1]]))
        if ids[-1]==eos: break
    return ids[len(query):], logprobs

@torch.no_grad()
def main(folder, heat):
    torch.set_num_threads(1)
    lm = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).eval() # off in two ways: 16 bits, and another temperature
    for line in sys.stdin:
        ask = json.loads(line)
        if ask['do']=='load':
            missing,odd = lm.load_state_dict(load_file(ask['file']), strict=False)
            answer = dict(ok=not odd and set(missing)<={'lm_head.weight'}) # GPT-2's head is its embedding
        else:
            g = torch.Generator().manual_seed(ask['seed'])
            answer = dict(responses=[sample(lm, q, n, ask['temperature']*heat, ask['eos'], g) for q,n in zip(ask['queries'], ask['max_new_tokens'])])
        print(json.dumps(answer), flush=True)

main(sys.argv[1], float(sys.argv[2]))
