"""Fine-tune language models with Proximal Policy Optimization: generate -> score -> step.

The public names below load on first use, so that `import lm_ppo` is quick and needs nothing but Python."""
__version__ = "0.1.0"

from importlib import import_module as _import

_modules = dict(
    core='LengthSampler set_seed respond_to_batch',
    gpt2='GPT2HeadWithValueModel ValueHead',
    models='AutoModelForCausalLMWithValueHead create_reference_model',
    rollout='Rollout sample score_rollout score_tokens',
    objective='AdaptiveKLController FixedKLController',
    ppo='PPOConfig PPOTrainer',
    tracking='STAT_DOCS History plot_training sample_table stat_table',
    reward='SentimentScorer',
    pretrained='EMBEDDED_LM EMBEDDED_CLASSIFIER',
    comparison='Comparison compare_models',
    run='train',
    sentiment='build_dataset sentiment_reward')
_where = {name: module for module,names in _modules.items() for name in names.split()}

__all__ = ['__version__', *_where]

def __getattr__(name):
    if name not in _where: raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    globals()[name] = res = getattr(_import(f'{__name__}.{_where[name]}'), name)
    return res

def __dir__(): return sorted({*globals(), *__all__})
