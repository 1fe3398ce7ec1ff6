"""The way of a registration put together: each step gets what it uses, in the order of ARCHITECTURE.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.calls.channels import Channels
from bridge.flow.amend import Amend
from bridge.flow.answer import TakenAnswers
from bridge.flow.apply import Apply
from bridge.flow.ask import Ask
from bridge.flow.at_once import AtOnce
from bridge.flow.attempts import Attempts
from bridge.flow.confirm import Confirm
from bridge.flow.operations import Operations
from bridge.flow.outbox import Outbox
from bridge.flow.packets import Packets
from bridge.flow.pay import Pay
from bridge.flow.postpone import Postpone
from bridge.flow.prepare import Prepare
from bridge.flow.receive import Receive
from bridge.flow.record import Record
from bridge.flow.reply import Replies
from bridge.flow.schedule import Schedule
from bridge.flow.standing import Outlook
from bridge.flow.transitions import Transitions
from bridge.flow.verify import Verify
from bridge.flow.wait import Wait
from bridge.flow.work import Work
from bridge.metrics import Metrics
from bridge.nid import IdSystem
from bridge.opencrvs.client import OpenCRVS
from bridge.opencrvs.country_config import CountryConfig
from bridge.payments import Payments
from bridge.registration import Task
from bridge.settings import Settings
from bridge.store.store import Store
from wire.world import World

if TYPE_CHECKING:
    from bridge.traces import Traces


class Way:
    """Its ends: where requests and deliveries come in, the work that is due, what operators see and do."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        store: Store,
        nid: IdSystem,
        opencrvs: OpenCRVS,
        country: CountryConfig,
        payments: Payments,
        schedule: Schedule,
        channels: Channels,
        metrics: Metrics,
        traces: Traces | None,
    ) -> None:
        clock, policy = world.clock, settings.policy
        attempts = Attempts(store.due_work, world, channels, metrics.attempt, traces)
        self.outbox = outbox = Outbox(settings, store, world, schedule, channels, attempts)
        transitions = Transitions(policy, clock, store, outbox, count_untold=metrics.untold.inc)
        packets = Packets(settings, world, store.numbers)
        record = Record(store, nid, opencrvs)
        ask = Ask(settings, world, store, nid, opencrvs, record, transitions, traces)
        postpone = Postpone(settings, world, store, channels, transitions)
        steps = {
            Task.VERIFY: Verify(settings, store, nid, packets),
            Task.PAY: Pay(settings, payments, packets),
        }
        prepare = Prepare(store.lookups, postpone, transitions, steps)
        at_once = AtOnce(settings, world, record, ask, transitions, prepare, traces)
        self.receive = Receive(
            settings, world, store.lookups, nid, country, packets, record, ask, at_once, outbox
        )
        self.replies = Replies(store, clock, outbox, transitions, traces)
        wait = Wait(settings, world, store, nid, transitions)
        self.answers = answers = TakenAnswers(policy, clock, store, nid, transitions, wait, traces)
        amend = Amend(country, packets, transitions)
        apply = Apply(store, nid, opencrvs, transitions)
        confirm = Confirm(settings, world, store, nid, opencrvs, transitions)
        self.work = Work(
            store, clock, nid, transitions, amend, prepare, ask, apply, wait, answers, confirm, postpone
        )
        self.operations = Operations(settings, clock, store, opencrvs, outbox, transitions)
        self.outlook = Outlook(settings, clock, store.listings, nid, opencrvs, attempts, channels)
