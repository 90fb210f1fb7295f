"""The stop policy: properties that hold for any run, and one example per promise."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_pickled_ner.early_stopping import EarlyStopping, StopReason
from spacy_pickled_ner.errors import SettingsError, TrainingError, UnknownMetricError

SEED_LOSSES = [999.4, 477.8, 330.0, 177.1, 113.9, 77.9, 64.2, 55.7, 37.2, 37.6, 44.4, 68.1]

# Few different values, so that ties, tiny gains and exact hits of a limit are common.
values = st.sampled_from([0.0, 0.1, 0.2, 0.25, 0.3, 0.5, 0.75, 1.0]) | st.floats(-1e6, 1e6)
sometimes = st.none() | values
settings = st.fixed_dictionaries(
    {
        "monitor": st.sampled_from(["ents_f", "loss", "ents_per_type.DRUG.f"]),
        "mode": st.sampled_from(["auto", "max", "min"]),
        "patience": st.none() | st.integers(1, 4),
        "patience_unit": st.sampled_from(["evaluations", "epochs"]),
        "min_delta": st.sampled_from([0.0, 0.05, 0.3]),
        "warmup": st.integers(0, 3),
        "baseline": sometimes,
        "target": sometimes,
        "divergence": sometimes,
        "max_seconds": st.none() | st.floats(0, 30),
        "max_retention_drop": st.none() | st.sampled_from([0.0, 0.1, 1.0]),
    }
)


@st.composite
def runs(draw, metric=values, min_size=0):
    """The arguments of `update` in the order a training loop would give them."""
    size = draw(st.integers(min_size, 12))
    first = draw(st.integers(0, 1))
    evaluations_per_epoch = draw(st.integers(1, 3))
    run = []
    for number in range(first, first + size):
        names = ("ents_f", "loss", "ents_per_type.DRUG.f", "retention")
        run.append(
            (
                {name: draw(metric) for name in names},
                {
                    "step": number * 100,
                    "epoch": math.ceil(number / evaluations_per_epoch),
                    "seconds": number * 2.5,
                },
            )
        )
    return run


def feed(policy, run):
    return [policy.update(metrics, **when) for metrics, when in run]


def watch(policy, numbers, metric="ents_f", **when):
    """Feed plain numbers, one evaluation per 100 steps and one per epoch."""
    return [
        policy.update({metric: number}, step=100 * i, epoch=i, **when)
        for i, number in enumerate(numbers, 1)
    ]


@given(settings, runs())
def test_best_is_the_best_of_what_was_seen_and_admitted(given_settings, run):
    policy = EarlyStopping(**given_settings)
    admitted = []
    drop = policy.max_retention_drop
    for metrics, when in run:
        if policy.should_stop:
            break
        before = policy.best_value
        policy.update(metrics, **when)
        if drop is None or metrics["retention"] >= run[0][0]["retention"] - drop:
            admitted.append((metrics[policy.monitor], when["step"]))
        assert policy.improved == (policy.best_value != before)
    less = policy.mode == "min" or (policy.mode == "auto" and policy.monitor == "loss")
    best = (min if less else max)(admitted, key=lambda row: row[0], default=(None, None))
    # `min` and `max` give the first of equals, as the policy must: ties never move the best.
    assert (policy.best_value, policy.best_step) == best


@given(settings, runs())
def test_patience_is_never_exceeded_and_never_cut_short(given_settings, run):
    policy = EarlyStopping(**given_settings)
    for reason in feed(policy, run):
        if policy.patience_unit == "evaluations" and policy.patience is not None:
            assert policy.wait <= policy.patience
        if reason is StopReason.PATIENCE:
            assert policy.wait >= policy.patience
    if policy.patience is None:
        assert policy.stop_reason is not StopReason.PATIENCE


@given(st.lists(values, min_size=1), st.integers(1, 4))
def test_without_other_rules_patience_is_plain_counting(numbers, patience):
    policy = EarlyStopping(patience=patience)
    stopped_at = None
    best, unused = -math.inf, patience
    for i, number in enumerate(numbers, 1):
        unused = patience if number > best else unused - 1
        best = max(best, number)
        if unused == 0:
            stopped_at = i
            break
    watch(policy, numbers)
    assert policy.should_stop == (stopped_at is not None)
    assert policy.evaluations == (stopped_at or len(numbers))


@given(st.lists(values), st.integers(1, 4), st.floats(0, 1), st.integers(0, 3))
def test_epochs_count_as_evaluations_where_each_epoch_has_one(numbers, patience, delta, warmup):
    rule = {"patience": patience, "min_delta": delta, "warmup": warmup}
    by_epoch = EarlyStopping(patience_unit="epochs", **rule)
    by_evaluation = EarlyStopping(patience_unit="evaluations", **rule)
    assert watch(by_epoch, numbers) == watch(by_evaluation, numbers)
    assert by_epoch.state_dict() == by_evaluation.state_dict()


@given(settings, runs())
def test_less_is_better_is_the_mirror_of_more_is_better(given_settings, run):
    def negated(value):
        return None if value is None else -value

    given_settings |= {"mode": "max"}
    limits = ("baseline", "target", "divergence")
    mirror_settings = given_settings | {name: negated(given_settings[name]) for name in limits}
    policy = EarlyStopping(**given_settings)
    mirror = EarlyStopping(**mirror_settings | {"mode": "min"})
    mirrored = [
        ({name: v if name == "retention" else -v for name, v in metrics.items()}, when)
        for metrics, when in run
    ]
    assert feed(policy, run) == feed(mirror, mirrored)
    assert (policy.best_step, policy.wait) == (mirror.best_step, mirror.wait)
    assert policy.best_value == negated(mirror.best_value)


@given(settings, runs(), st.data())
def test_a_resumed_policy_has_the_same_future(given_settings, run, data):
    cut = data.draw(st.integers(0, len(run)))
    unbroken = EarlyStopping(**given_settings)
    feed(unbroken, run[:cut])
    saved = json.dumps(unbroken.state_dict(), allow_nan=False)
    resumed = unbroken.fresh()
    resumed.load_state_dict(json.loads(saved))
    assert resumed == unbroken
    assert feed(resumed, run[cut:]) == feed(unbroken, run[cut:])
    assert resumed == unbroken
    assert resumed.explain() == unbroken.explain()


@given(settings, runs(metric=st.floats()))
def test_non_finite_numbers_never_become_best_nor_break_the_state(given_settings, run):
    policy = EarlyStopping(**given_settings)
    feed(policy, run)
    assert policy.best_value is None or math.isfinite(policy.best_value)
    json.dumps(policy.state_dict(), allow_nan=False)
    assert policy.explain()


@given(settings, runs(), st.sampled_from(StopReason))
def test_every_reason_can_be_explained_at_any_time(given_settings, run, reason):
    policy = EarlyStopping(**given_settings)
    feed(policy, run)
    interrupted = reason is StopReason.INTERRUPTED
    start = "interrupted" if interrupted else f"stopped by {reason.value}: "
    assert policy.explain(reason).startswith(start)
    assert "\n" not in policy.explain()


@given(settings)
def test_settings_make_an_equal_policy(given_settings):
    policy = EarlyStopping(**given_settings)
    assert EarlyStopping(**policy.settings()) == policy == policy.fresh()
    assert EarlyStopping(**json.loads(json.dumps(policy.settings()))) == policy
    assert eval(repr(policy)) == policy


@given(settings, runs(min_size=1))
def test_a_stopped_policy_stays_as_it_is(given_settings, run):
    policy = EarlyStopping(**given_settings)
    reason = next((reason for reason in feed(policy, run) if reason), None)
    if reason is None:
        return
    before = policy.state_dict() | {"improved": False}
    far_better = dict.fromkeys(run[0][0], 1e9 if policy.mode == "max" else -1e9)
    assert policy.update(far_better, step=10**6, epoch=10**4, seconds=1e9) is reason
    assert policy.check_time(1e9) is reason
    assert policy.state_dict() == before


def test_the_seeds_losses_stop_after_epoch_12():
    policy = EarlyStopping(monitor="loss", patience_unit="epochs", baseline=100000, patience=3)
    reasons = watch(policy, SEED_LOSSES, metric="loss")
    assert reasons == [None] * 11 + [StopReason.PATIENCE]
    assert (policy.best_value, policy.best_epoch, policy.best_step) == (37.2, 9, 900)
    assert policy.explain() == (
        "stopped by patience: no improvement of loss over 37.2 (epoch 9) in 3 epochs"
    )
    assert policy.settings() == EarlyStopping.seed_rule(patience=3).settings()


@pytest.mark.parametrize("metric", ["ents_f", "ents_per_type.DRUG.f", "retention", "lossless.f"])
def test_scores_are_maximised(metric):
    policy = EarlyStopping(monitor=metric, patience=1)
    assert watch(policy, [0.1, 0.2, 0.15], metric=metric) == [None, None, StopReason.PATIENCE]
    assert policy.best_value == 0.2


@pytest.mark.parametrize("metric", ["loss", "ner.loss", "spancat_loss"])
def test_losses_are_minimised(metric):
    policy = EarlyStopping(monitor=metric, patience=1)
    assert watch(policy, [9.0, 8.0, 8.5], metric=metric) == [None, None, StopReason.PATIENCE]
    assert policy.best_value == 8.0


def test_mode_overrules_the_name():
    policy = EarlyStopping(monitor="loss", mode="max", patience=1)
    watch(policy, [1.0, 2.0], metric="loss")
    assert policy.best_value == 2.0


def test_patience_counts_evaluations():
    policy = EarlyStopping(patience=5)
    assert not any(watch(policy, [0.5, 0.652, 0.6, 0.61, 0.652, 0.64]))
    assert policy.wait == 4
    assert policy.explain() == (
        "not stopped: no improvement in 4 evaluations; best 65.2 (step 200)"
    )
    assert policy.update({"ents_f": 0.65}, step=700) is StopReason.PATIENCE
    assert policy.explain() == (
        "stopped by patience: no improvement of ents_f over 65.2 (step 200) in 5 evaluations"
    )


def test_patience_in_epochs_lets_each_epoch_have_many_evaluations():
    policy = EarlyStopping(patience=2, patience_unit="epochs")
    run = [(1, 0.5), (1, 0.6), (1, 0.4), (2, 0.5), (2, 0.6), (2, 0.3), (3, 0.1)]
    reasons = [
        policy.update({"ents_f": value}, step=i, epoch=epoch)
        for i, (epoch, value) in enumerate(run, 1)
    ]
    assert reasons == [None] * 6 + [StopReason.PATIENCE]
    assert (policy.best_epoch, policy.wait) == (1, 2)


def test_patience_in_epochs_needs_their_numbers():
    policy = EarlyStopping(patience_unit="epochs")
    policy.update({"ents_f": 0.0}, step=0, epoch=0)
    with pytest.raises(SettingsError, match="epoch=0"):
        policy.update({"ents_f": 0.1}, step=100)
    assert policy.evaluations == 1


def test_the_evaluation_before_training_uses_no_patience():
    policy = EarlyStopping(patience=1, baseline=0.9, divergence=0.1)
    assert policy.update({"ents_f": 0.0}, step=0) is None
    assert policy.update({"ents_f": 0.5}, step=100) is StopReason.PATIENCE


def test_small_gains_move_the_best_and_restore_patience_only_in_sum():
    policy = EarlyStopping(patience=3, min_delta=0.1)
    waits = []
    for i, value in enumerate([0.5, 0.55, 0.6, 0.65, 0.66, 0.67, 0.68]):
        policy.update({"ents_f": value}, step=100 * i)
        waits.append(policy.wait)
        assert policy.improved
    assert waits == [0, 1, 2, 0, 1, 2, 3]
    assert policy.stop_reason is StopReason.PATIENCE
    assert policy.best_value == 0.68
    assert policy.explain() == (
        "stopped by patience: no improvement of ents_f by more than 10 over 65.0 in 3 evaluations; "
        "best 68.0 (step 600)"
    )


def test_warmup_suspends_patience_and_divergence_but_not_the_best():
    policy = EarlyStopping(patience=2, warmup=3, divergence=0.2)
    assert watch(policy, [0.6, 0.1, 0.1]) == [None] * 3
    assert (policy.best_value, policy.wait) == (0.6, 0)
    assert policy.update({"ents_f": 0.3}, step=400) is None
    assert policy.update({"ents_f": 0.3}, step=500) is StopReason.PATIENCE


@pytest.mark.parametrize(
    ("value", "reason"), [(0.9, StopReason.TARGET), (math.nan, StopReason.NON_FINITE)]
)
def test_warmup_suspends_neither_target_nor_non_finite(value, reason):
    policy = EarlyStopping(warmup=3, target=0.9)
    assert policy.update({"ents_f": value}, step=100) is reason


def test_a_baseline_must_be_beaten_before_gains_count():
    policy = EarlyStopping(patience=3, baseline=0.5)
    assert watch(policy, [0.1, 0.2, 0.3]) == [None, None, StopReason.PATIENCE]
    assert policy.best_value == 0.3
    assert policy.explain() == (
        "stopped by patience: no improvement of ents_f over the baseline 50.0 "
        "in 3 evaluations; best 30.0 (step 300)"
    )
    assert not any(watch(policy.fresh(), [0.1, 0.2, 0.51, 0.4, 0.4]))


def test_target():
    policy = EarlyStopping(target=0.9)
    assert watch(policy, [0.5, 0.9]) == [None, StopReason.TARGET]
    assert policy.improved
    assert policy.explain() == ("stopped by target: ents_f was 90.0 (step 200), target 90.0")
    policy = EarlyStopping(monitor="loss", target=10)
    assert watch(policy, [10.1, 10.0], metric="loss") == [None, StopReason.TARGET]


def test_divergence():
    policy = EarlyStopping(monitor="loss", divergence=1000)
    assert watch(policy, [900, 1000, 1001], metric="loss") == [None, None, StopReason.DIVERGED]
    assert policy.explain() == (
        "stopped by diverged: loss was 1001 (step 300), limit 1000; best 900 (step 100)"
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["ents_f", "loss", "retention"])
def test_a_non_finite_number_stops_and_is_no_best(name, value):
    policy = EarlyStopping(max_retention_drop=0.1)
    good = {"ents_f": 0.5, "loss": 3.0, "retention": 0.7}
    assert policy.update(good, step=100) is None
    assert policy.update({**good, "ents_f": 0.9, name: value}, step=200) is StopReason.NON_FINITE
    assert (policy.best_value, policy.improved) == (0.5, False)
    assert policy.explain() == (
        f"stopped by non_finite: {name} was {value} (step 200); best 50.0 (step 100)"
    )


def test_a_non_finite_number_nobody_watches_is_no_concern():
    assert EarlyStopping().update({"ents_f": 0.5, "retention": math.nan}, step=100) is None


def test_max_seconds():
    policy = EarlyStopping(max_seconds=60)
    assert policy.update({"ents_f": 0.5}, step=100, seconds=59.9) is None
    assert policy.check_time(59.99) is None
    assert policy.check_time(61.25) is StopReason.MAX_SECONDS
    assert policy.should_stop
    assert policy.explain() == (
        "stopped by max_seconds: 61.25 seconds passed, limit 60; best 50.0 (step 100)"
    )
    assert policy.fresh().update({"ents_f": 0.5}, step=9, seconds=60) is StopReason.MAX_SECONDS


def test_a_candidate_that_forgot_is_held_back():
    policy = EarlyStopping(patience=3, target=0.9, max_retention_drop=0.05)
    run = [(0.1, 0.75), (0.6, 0.74), (0.9, 0.5), (0.7, 0.6), (0.65, 0.7)]
    for i, (ents_f, retention) in enumerate(run):
        policy.update({"ents_f": ents_f, "retention": retention}, step=100 * i)
    assert (policy.best_value, policy.best_step, policy.wait) == (0.65, 400, 0)
    assert policy.stop_reason is None
    for i in range(3):
        policy.update({"ents_f": 0.8, "retention": 0.1}, step=500 + 100 * i)
    assert policy.explain() == (
        "stopped by patience: no improvement of ents_f over 65.0 (step 400) "
        "in 3 evaluations; 5 better evaluations not kept: retention below 70.0"
    )


def test_the_reasons_of_the_loop_can_be_explained():
    policy = EarlyStopping()
    watch(policy, [0.5])
    assert policy.explain(StopReason.MAX_EPOCHS) == (
        "stopped by max_epochs: maximum number of epochs reached; best 50.0 (step 100)"
    )
    assert policy.explain(StopReason.MAX_EPOCHS, at=3) == (
        "stopped by max_epochs: maximum number of epochs reached (epoch 3); best 50.0 (step 100)"
    )
    assert policy.explain(StopReason.INTERRUPTED, at=130) == (
        "interrupted (step 130); best 50.0 (step 100)"
    )
    assert policy.stop_reason is None


def test_reasons_read_the_same_in_json_strings_and_code():
    assert json.dumps(StopReason.PATIENCE) == '"patience"'
    assert f"{StopReason.PATIENCE}" == "patience" == StopReason.PATIENCE


def test_a_missing_metric_names_those_there_are():
    policy = EarlyStopping(monitor="ents_F")
    with pytest.raises(UnknownMetricError, match="ents_f, loss") as caught:
        policy.update({"ents_f": 0.5, "loss": 2.0, "ents_p": None}, step=100)
    assert caught.value.available == ("ents_f", "loss")
    assert policy == policy.fresh()


def test_the_retention_guard_needs_its_metric():
    policy = EarlyStopping(max_retention_drop=0.01)
    with pytest.raises(UnknownMetricError, match="'retention'"):
        policy.update({"ents_f": 0.5}, step=100)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("monitor", ""),
        ("monitor", None),
        ("mode", "maximum"),
        ("patience", 0),
        ("patience", -1),
        ("patience", 2.5),
        ("patience", True),
        ("patience_unit", "steps"),
        ("min_delta", -0.1),
        ("min_delta", None),
        ("min_delta", math.nan),
        ("warmup", -1),
        ("warmup", None),
        ("baseline", "0.5"),
        ("target", math.inf),
        ("divergence", math.nan),
        ("max_seconds", -1),
        ("retention_monitor", ""),
        ("max_retention_drop", -0.1),
    ],
)
def test_settings_that_make_no_sense_are_refused(name, value):
    with pytest.raises(SettingsError, match=name) as caught:
        EarlyStopping(**{name: value})
    assert (caught.value.setting, repr(caught.value.value)) == (name, repr(value))
    assert caught.value.allowed in str(caught.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda state: state.pop("bar"),
        lambda state: state.update(extra=1),
        lambda state: state.update(stop_reason="bored"),
    ],
)
def test_a_state_of_another_kind_is_refused_whole(spoil):
    policy = EarlyStopping()
    watch(policy, [0.5, 0.4])
    before = policy.state_dict()
    other = EarlyStopping().state_dict()
    spoil(other)
    with pytest.raises(TrainingError, match=r"bar|extra|stop_reason"):
        policy.load_state_dict(other)
    assert policy.state_dict() == before


def test_equality_is_of_settings_and_state():
    one, other = EarlyStopping(patience=2), EarlyStopping(patience=2)
    assert one == other != EarlyStopping(patience=3)
    watch(one, [0.5])
    assert one != other
    watch(other, [0.5])
    assert one == other


def test_the_policy_needs_no_spacy():
    code = "import sys, spacy_pickled_ner.early_stopping; sys.exit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
