"""Fine-tune language models with Proximal Policy Optimization: generate -> score -> step.

The public names below load on first use, so that `import lm_ppo` is quick and needs nothing but Python."""
__version__ = "0.1.0"

from importlib import import_module as _import

_modules = dict(
    core='LengthSampler set_seed respond_to_batch',
    machine='tune_process',
    gpt2='GPT2HeadWithValueModel ValueHead',
    models='PreTrainedModelWrapper AutoModelForCausalLMWithValueHead AutoModelForSeq2SeqLMWithValueHead create_reference_model with_value_head',
    rollout='Rollout sample score_rollout score_tokens',
    reference='as_reference ADAPTER_OFF',
    compiled='CompiledDecoder',
    brakes='AdaptiveKLController FixedKLController',
    exact_kl='exact_kl response_kl response_mean importance_weights',
    config='PPOConfig',
    processes='Processes keyed_uniforms full_weights',
    scores='RunningMoments',
    generation='as_query',
    ppo='PPOTrainer',
    checkpoint_files='checkpoints read_checkpoint DamagedCheckpoint',
    replay='record replay',
    tracking='STAT_DOCS History plot_training sample_table stat_table',
    rewards='as_reward weighted_reward',
    best_of_n='BestOfNSampler',
    reward='SentimentScorer',
    pretrained='EMBEDDED_LM EMBEDDED_CLASSIFIER',
    comparison='Comparison compare_models',
    run='train',
    sentiment='build_dataset sentiment_reward',
    choices='Choice LengthRule evaluate_preferences',
    preferences='RewardModel fit_reward_model preference_reward',
    few_labels='RewardEnsemble fit_ensemble fit_head',
    label_store='LabelStore',
    label_widget='label_here label_widget',
    online='learn_from_choices Oracle',
    supervised='finetune_lm',
    overoptimization='best_of_n_kl best_of_n_curve gain_share',
    story_comparison='compare_stories',
    stories='read_stories',
    environment='Turn Games VaultGame GymGame TextWorldGame PromptFormat',
    credit='episode_gae',
    actions='score_actions',
    playing='Episode play_games random_player win_rate',
    games='EpisodeTrainer',
    rejection='best_games keep_best',
    text_worlds='make_games',
    scaling='memory_per_process memory_of_pass',
    outside='OutsideSampling ProcessSampler Sampler')
_where = {name: module for module,names in _modules.items() for name in names.split()}

__all__ = ['__version__', *_where]

def __getattr__(name):
    if name not in _where: raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    globals()[name] = res = getattr(_import(f'{__name__}.{_where[name]}'), name)
    return res

def __dir__(): return sorted({*globals(), *__all__})
