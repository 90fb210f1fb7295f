"""A run, from base to result: plan, first scores, training loop, final scores."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thinc.api import Optimizer

from ..early_stopping import EarlyStopping, StopReason
from ..machine import peak_memory_mb, seeded, use_blas, use_gpu
from ..ner.retention import Prepared, prepare
from ..ner.unseen import close_unseen
from ..pipelines import load_base
from ..ty import Batcher
from .checkpoint import CheckpointKeeper, describe_run
from .defaults import make_batcher, make_optimizer
from .frozen import digest_frozen
from .listener import TrainingListener
from .loop import TrainingLoop
from .measuring import Measurement, Measurer
from .plan import Plan
from .planning import make_plan
from .progress import Progress
from .record import describe_base, installed_versions, now, write_meta
from .result import FineTuneResult
from .settings import RunSettings

EXAMPLES = 12


@dataclass(frozen=True)
class _Task:
    """What all steps of a run need.

    settings (RunSettings): The settings of the run.
    plan (Plan): Base, data and labels.
    policy (EarlyStopping): The policy, used by this run only.
    listener (TrainingListener): Gets the events of the run.
    progress (Progress): Counters and clocks.
    began (float): When the run began, by `time.perf_counter`.
    """

    settings: RunSettings
    plan: Plan
    policy: EarlyStopping
    listener: TrainingListener
    progress: Progress
    began: float


def run(settings: RunSettings, listener: TrainingListener) -> FineTuneResult:
    """Fine-tune.

    settings (RunSettings): The settings of the run.
    listener (TrainingListener): Gets the events of the run.
    RETURNS (FineTuneResult): The pipeline with the best weights, scores and history.
    """
    began = time.perf_counter()
    use_gpu(settings.gpu_id)
    policy = settings.early_stopping.fresh() if settings.early_stopping else EarlyStopping()
    progress = Progress()
    with seeded(settings.seed):
        with progress.timed("read"):
            nlp = load_base(settings.base, trusted=settings.trusted)
            plan = make_plan(nlp, settings, needs_dev=policy.monitor != "loss")
        listener.on_start(plan)
        return _train(_Task(settings, plan, policy, listener, progress, began))


def _train(task: _Task) -> FineTuneResult:
    settings, plan, progress = task.settings, task.plan, task.progress
    with progress.timed("prepare"):
        frozen = digest_frozen(plan.nlp, trained=[plan.component])
    optimizer = _copy_if_possible(settings.optimizer) if settings.optimizer else make_optimizer()
    batcher = settings.batcher or make_batcher()
    # Before the NER changes: the fingerprint of the checkpoint describes the base.
    checkpoint = _make_keeper(settings, plan, frozen, optimizer, batcher)
    with progress.timed("prepare"):
        prepared = prepare(plan.nlp, plan.retention, plan.labels, plan.examples, seed=settings.seed)
    with progress.timed("eval"):
        measurer = Measurer(plan, prepared)
    loop = _make_loop(task, prepared, measurer, optimizer, batcher, checkpoint)
    with use_blas(prepared.ner.model, settings.blas, threads=settings.threads):
        reason = loop.run()
    close_unseen(prepared.ner.model)
    with progress.timed("eval"):
        after = measurer.measure(examples=EXAMPLES)
    if not task.policy.best_step and plan.retention.choice.source is not None:
        # A second NER that predicts nothing would only cost time.
        plan.nlp.remove_pipe(plan.component)
    is_unchanged = frozen == digest_frozen(plan.nlp, trained=[plan.component])
    result = _make_result(task, reason, measurer, after, frozen_unchanged=is_unchanged)
    write_meta(result, name=settings.name)
    task.listener.on_end(result)
    return result


def _make_loop(
    task: _Task,
    prepared: Prepared,
    measurer: Measurer,
    optimizer: Optimizer,
    batcher: Batcher,
    checkpoint: CheckpointKeeper | None,
) -> TrainingLoop:
    settings, policy, stream = task.settings, task.policy, task.plan.stream
    return TrainingLoop(
        ner=prepared.ner,
        epochs=stream or prepared.epochs,
        evaluate=measurer.metrics(policy),
        baseline=measurer.before.metrics(),
        policy=policy,
        optimizer=optimizer,
        batcher=stream.batched(batcher) if stream else batcher,
        dropout=settings.dropout,
        eval_frequency=0 if policy.patience_unit == "epochs" else settings.eval_frequency,
        max_epochs=settings.max_epochs,
        max_steps=settings.max_steps,
        listener=task.listener,
        checkpoint=checkpoint,
        anchor=prepared.anchor,
        progress=task.progress,
    )


def _make_result(
    task: _Task,
    reason: StopReason,
    measurer: Measurer,
    after: Measurement,
    *,
    frozen_unchanged: bool,
) -> FineTuneResult:
    plan, policy, progress = task.plan, task.policy, task.progress
    before = measurer.before
    last = progress.epoch if reason is StopReason.MAX_EPOCHS else progress.step
    return FineTuneResult(
        nlp=plan.nlp,
        history=tuple(progress.history),
        stop_reason=reason,
        stop_explanation=policy.explain(reason, at=last),
        best_step=policy.best_step or 0,
        last_step=progress.step,
        best_score=policy.best_value,
        scores=after.scores,
        baseline_scores=before.scores,
        per_label=after.per_label,
        baseline_per_label=before.per_label,
        retention=measurer.compare(before, after),
        retention_mode=_describe_retention(plan),
        confusion={"before": before.confusion, "after": after.confusion},
        timing=progress.timing(task.began),
        memory={"peak_mb": peak_memory_mb()},
        frozen_unchanged=frozen_unchanged,
        date=now(),
        base=describe_base(plan.nlp),
        versions=installed_versions(),
        component=plan.component,
        labels=plan.label_dict(),
        data=plan.data_dict(),
        settings=task.settings.settings(),
        examples=after.examples or {},
    )


def _describe_retention(plan: Plan) -> dict[str, Any]:
    """Describe how old labels were kept, with the NERs that remain in the pipeline."""
    described = plan.retention.to_dict()
    described["ners"] = [name for name in described["ners"] if name in plan.nlp.component_names]
    return described


def _make_keeper(
    settings: RunSettings,
    plan: Plan,
    frozen: Mapping[str, str],
    optimizer: Optimizer,
    batcher: Batcher,
) -> CheckpointKeeper | None:
    if settings.checkpoint_dir is None:
        return None
    run = describe_run(
        plan.nlp,
        plan.component,
        frozen=frozen,
        data=plan.digests,
        settings=settings.all_settings(),
        optimizer=optimizer,
        batcher=batcher,
    )
    return CheckpointKeeper(Path(settings.checkpoint_dir), run)


def _copy_if_possible(optimizer: Optimizer) -> Optimizer:
    # Schedules are generators, which cannot be copied.
    return optimizer if optimizer.schedules else copy.deepcopy(optimizer)
