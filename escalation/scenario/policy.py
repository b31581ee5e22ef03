"""How an actor chooses: the kinds of policy, their parameters, presets and canonical lines.

A policy is written as a mapping (`{preset: graduated, reciprocity: 0.8}`) or in one line
(`graduated(reciprocity=0.8)`); its `canonical` writes the line, `policy_line` reads it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import Discriminator, Field, Tag, model_validator

from escalation.scenario.base import (
    ActorName,
    Count,
    Day,
    InstrumentName,
    Level,
    Name,
    Number,
    Part,
    Share,
    Text,
    Within,
    constant,
)
from escalation.scenario.read import read_word

ELLIPSIS = "…"
"""Stands in a line for what only a mapping can say: distributions, scripted acts, texts with spaces."""

_WORD = re.compile(r"[^\s=,()#]+")


def line(name: str, arguments: Mapping[str, object], more: bool = False) -> str:
    """Return `name(argument=value, …)`; `more` says that there is something else that no line can hold.

    A value is a number, a text or a map of numbers, whose entries are written `argument.entry=value`. Of a
    distribution the median is written, and the line ends with an ellipsis: it is no policy to be read back.
    """
    written = list(_written(arguments))
    texts = [text for text, _ in written if text]
    if more or not all(is_whole for _, is_whole in written):
        texts.append(ELLIPSIS)
    return f"{name}({', '.join(texts)})" if texts else name


def number(value: float) -> str:
    """Return the shortest text that reads back as exactly this number: `0.5`, `3`."""
    return repr(float(value)).removesuffix(".0")


def _written(arguments: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    """Yield each argument, empty where a line cannot hold it, and whether it says all of its value."""
    for name, value in arguments.items():
        if isinstance(value, Mapping):
            yield from _written({f"{name}.{entry}": part for entry, part in value.items()})
        elif isinstance(value, Number):
            text = f"{value.nominal:g}" if value.uncertain else number(value.nominal)
            yield f"{name}={text}", not value.uncertain
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield (f"{name}={text}", True) if _reads_as(text, value) else ("", False)


def _reads_as(text: str, value: object) -> bool:
    read = read_word(text)
    return _WORD.fullmatch(text) is not None and read == value and type(read) is type(value)


PresetName = Literal[
    "tit_for_tat",
    "generous_tit_for_tat",
    "graduated",
    "restrained",
    "hardline",
    "grit",
    "conciliatory",
    "passive",
]


class Preset(NamedTuple):
    """An attitude: what it does in one line, where it comes from, and the parameters that it sets."""

    meaning: str
    citation: str
    parameters: dict[str, Any]


def _preset(meaning: str, citation: str, line: str) -> Preset:
    parameters: dict[str, Any] = {"last_resort": {}}
    for argument in line.split():
        path, _, value = argument.partition("=")
        name, _, entry = path.partition(".")
        if entry:
            parameters.setdefault(name, {})[entry] = float(value)
        else:
            parameters[name] = float(value)
    return Preset(meaning, citation, parameters)


PRESETS: dict[str, Preset] = {
    "tit_for_tat": _preset(
        "Answers in kind, whatever comes, and at once forgets it.",
        "Axelrod 1984",
        "reciprocity=1 inertia=0 fear=0 gradualism=0 discharge=1 bite=0",
    ),
    "generous_tit_for_tat": _preset(
        "Answers in kind, a little milder, and lets small provocations pass.",
        "Nowak and Sigmund 1992",
        "reciprocity=0.7 inertia=0.7 fear=0.5 gradualism=0 discharge=1 bite=0",
    ),
    "graduated": _preset(
        "Climbs the ladder rung by rung, in proportion.",
        "Kahn 1965",
        "reciprocity=0.9 inertia=0.5 fear=0.5 gradualism=1 discharge=1",
    ),
    "restrained": _preset(
        "Answers below proportion and keeps the head of state for the last.",
        "Council of the EU, guidelines on restrictive measures, 5664/18 (2018)",
        "reciprocity=0.7 inertia=1 fear=0.5 gradualism=1.2 discharge=1 last_resort.head_of_state_listing=2",
    ),
    "hardline": _preset(
        "Answers above proportion, skips rungs and hardly fears an answer.",
        "Kahn 1965",
        "reciprocity=1.4 inertia=-0.5 fear=0.1 gradualism=0.1 discharge=0.8",
    ),
    "grit": _preset(
        "Answers below proportion and offers small steps, affront or not.",
        "Osgood 1962",
        "reciprocity=0.5 inertia=0.5 fear=0.8 gradualism=1 discharge=1 face=0.3",
    ),
    "conciliatory": _preset(
        "Prefers relief to retaliation.",
        "Osgood 1962",
        "reciprocity=0.3 inertia=1 fear=1.5 gradualism=1.5 discharge=1 face=0 yielding=3",
    ),
    "passive": _preset(
        "Never acts of its own accord: a third party that looks on.",
        "a limit of the proportional policy",
        "reciprocity=0 inertia=100 fear=0 gradualism=0 discharge=1",
    ),
}


Weight = Annotated[Number, Within(-100, 100)]
"""A term of the utility: any sign, at most 100."""


class Policy(Part):
    """The proportional policy: an answer in proportion to grievance, weighed against its price.

    The order of the fields is the order of the terms in the utility.
    """

    kind: Literal["proportional"] = "proportional"
    """The kind of policy."""
    preset: PresetName | None = None
    """The attitude, which sets its own parameters and no other; a parameter written beside it wins."""

    reciprocity: Level = constant(1.0)
    """Proportionate severity per unit of grievance. Richardson 1960."""
    d_min: Level = constant(1.0)
    """Proportionate severity below which nothing is done."""
    inertia: Weight = constant(0.5)
    """Utility of doing nothing."""
    alpha: Level = constant(5.0)
    """Weight of proportionality: what a severity off the proportionate one costs."""
    bite: Level = constant(0.5)
    """Weight of the harm done to the target."""
    alignment: Level = constant(0.5)
    """Weight of what partners did to the target lately."""
    fit: Level = constant(1.0)
    """Weight of what the shocks behind the grievance suggest."""
    own_cost: Level = constant(1.0)
    """Weight of the cost to the sender."""
    fear: Level = constant(0.5)
    """Weight of the retaliation that is expected; nearly the same as a lower reciprocity."""
    expected: Level = constant(0.5)
    """Retaliation expected at the start: severity received per severity sent."""
    learning: Share = constant(0.1)
    """How far that expectation moves towards what the last package brought."""
    gradualism: Level = constant(0.5)
    """Price of each rung skipped above the highest one used so far. Kahn 1965."""
    last_resort: Annotated[dict[InstrumentName, Level], Field(default_factory=dict)]
    """Extra price of single instruments that are kept for the end."""
    saturation: Level = constant(0.3)
    """Price of each earlier use of the same instrument that is still in force."""
    audience: Level = constant(1.0)
    """Weight of keeping a promise that has fallen due, and cost of breaking it. Fearon 1994."""
    credibility: Share = constant(0.5)
    """How far its first threats are believed."""
    yielding: Level = constant(0.5)
    """Weight of the relief from pressure that a conciliatory act promises, as far as that is trusted."""
    trust: Share = constant(0.3)
    """How far it trusts at the start that pressure ends when it gives way."""
    first_move: Level = constant(1.0)
    """How far it eases before the other side has given way, in concessions. Osgood 1962."""
    face: Level = constant(1.0)
    """Weight of the affront in what the other has done: what it costs to give way to it. Galtung 1967."""
    temperature: Annotated[Number, Within(1e-9, 1e9)] = constant(1.0)
    """Noise of the choice: towards 0 the best option, towards infinity any. McKelvey and Palfrey 1995."""
    outspoken: Share = constant(0.2)
    """Probability that a provocation is answered in words."""
    more: Share = constant(0.3)
    """Probability that one more instrument joins the package."""
    package_limit: Annotated[Number, Within(1, 16)] = constant(3.0)
    """Most instruments in one package."""
    discharge: Level = constant(1.0)
    """Grievance discharged at adoption per unit of the package's largest hostile severity."""
    resolve: Level = constant(0.0)
    """How strongly a member that can do little harm is preferred to the bloc as a target."""
    join: Share = constant(0.0)
    """Probability that a package in preparation is brought forward to the day a partner adopts one."""

    @model_validator(mode="before")
    @classmethod
    def _start_from_preset(cls, data: Any) -> Any:
        name = data.get("preset") if isinstance(data, dict) else None
        preset = PRESETS.get(name) if isinstance(name, str) else None
        return preset.parameters | data if preset else data

    def canonical(self) -> str:
        """Return the policy in one line: its preset and every parameter that differs from it.

        Last resorts replace those of the preset. Whatever no line can hold is an ellipsis.
        """
        start = Policy.model_validate({"preset": self.preset} if self.preset else {})
        changed: dict[str, object] = {
            name: getattr(self, name)
            for name in PARAMETERS
            if _differs(getattr(self, name), getattr(start, name))
        }
        preset, own = start.last_resort, self.last_resort
        if any(name not in preset or _differs(price, preset[name]) for name, price in own.items()):
            changed["last_resort"] = own
        return line(self.preset or self.kind, changed)


def _differs(number: Number, other: Number) -> bool:
    return number.uncertain or number.nominal != other.nominal


PARAMETERS: tuple[str, ...] = tuple(
    name for name in Policy.model_fields if name not in ("kind", "preset", "last_resort")
)
"""The names of the policy's numbers, in the order of the utility."""


class Ladder(Part):
    """Goes one rung up whenever it is provoked past a threshold. Kahn 1965."""

    kind: Literal["ladder"]
    """The kind of policy."""
    provocation: Level = constant(4.0)
    """Grievance that counts as a provocation."""
    discharge: Share = constant(1.0)
    """Grievance discharged at adoption per unit of severity."""

    def canonical(self) -> str:
        """Return the policy in one line."""
        return line("ladder", {"provocation": self.provocation, "discharge": self.discharge})


class Hazard(Part):
    """Answers each act with a fixed probability, blind to everything else: the null model. Hawkes 1971.

    Each act that it notices gets an answer of its own, so that acts form a branching process whose matrix is
    these probabilities.
    """

    kind: Literal["hazard"]
    """The kind of policy."""
    answers: Share = constant(0.3)
    """Probability of an answer to an act against itself."""
    answers_for: Annotated[dict[ActorName, Share], Field(default_factory=dict)]
    """Probability of an answer to an act against another actor."""
    instrument: InstrumentName | None = None
    """What it answers with; without a name, the mildest hostile instrument that it has."""

    def canonical(self) -> str:
        """Return the policy in one line."""
        instrument = {"instrument": self.instrument} if self.instrument else {}
        return line("hazard", {"answers": self.answers, "answers_for": self.answers_for, **instrument})


class ScriptedAct(Part):
    """One dated act of a scripted policy."""

    date: Day
    """Day of the act."""
    target: ActorName
    """Whom it is aimed at."""
    instrument: InstrumentName
    """What is done."""
    size: Count | None = None
    """How large it is; the instrument's median when missing."""


class Scripted(Part):
    """Does what is written down, on the day that is written down, and nothing else."""

    kind: Literal["scripted"]
    """The kind of policy."""
    acts: Annotated[dict[Name, ScriptedAct], Field(default_factory=dict, max_length=2000)]
    """The acts."""

    def canonical(self) -> str:
        """Return the policy in one line, in which an ellipsis stands for its acts."""
        return line("scripted", {}, more=True) if self.acts else "scripted()"


class Python(Part):
    """A class that an installed package registers under the entry point `escalation.policies`."""

    kind: Literal["python"]
    """The kind of policy."""
    name: Text
    """The name under which the class is registered."""
    parameters: Annotated[dict[Name, float | int | str | bool], Field(default_factory=dict, max_length=64)]
    """What the class is called with."""

    def canonical(self) -> str:
        """Return the policy in one line."""
        return line("python", {"name": self.name, **self.parameters})


KINDS: tuple[str, ...] = tuple(
    get_args(model.model_fields["kind"].annotation)[0] for model in (Policy, Ladder, Hazard, Scripted, Python)
)
"""All kinds of policy; the index in this list is the code that the model knows a kind by."""


def _kind(data: Any) -> str:
    kind = data.get("kind") if isinstance(data, dict) else getattr(data, "kind", None)
    return kind if kind in KINDS else "proportional"


AnyPolicy = Annotated[
    Annotated[Policy, Tag("proportional")]
    | Annotated[Ladder, Tag("ladder")]
    | Annotated[Hazard, Tag("hazard")]
    | Annotated[Scripted, Tag("scripted")]
    | Annotated[Python, Tag("python")],
    Discriminator(_kind),
]
"""A policy of any kind; without a `kind` it is proportional."""
