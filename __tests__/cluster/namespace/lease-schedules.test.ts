import fc from 'fast-check';
import type { HeldLease } from '../../../src/cluster/namespace/held-lease.ts';
import { acquireLease } from '../../../src/cluster/namespace/lease.ts';
import { LeaseServer, Machine, type Passage, type Pause, type Step, Timeline } from './lease-world.ts';

/** Milliseconds that a schedule lasts: a Lease can expire twice in it. */
const SCHEDULE_MS = 75_000;
/** Milliseconds that a change under way gets for its answer when its run is stopped. */
const LAST_ANSWER_MS = 2_000;

interface Holder {
  /** What its requests meet, in turn; the last one is for all that follow. */
  readonly passages: readonly Passage[];
  readonly pauses: readonly Pause[];
  readonly steps: readonly Step[];
  readonly startMs: number;
  /** How long one run works before it releases the Lease. */
  readonly workMs: number;
  /** From one change to the next. */
  readonly gapMs: number;
  /** How long a change takes. */
  readonly changeMs: number;
}

const ms = (max: number) => fc.integer({ min: 0, max });
const delay = fc.oneof({ weight: 3, arbitrary: ms(60) }, { weight: 1, arbitrary: ms(11_000) });
const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Passage['fate']>('passes') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Passage['fate'][]>('hangs-before', 'hangs-after', 'reset-before', 'reset-after'),
  },
);
const passage: fc.Arbitrary<Passage> = fc.record({ thereMs: delay, backMs: delay, fate });
/** Half of the connections work in the end; the others do not. */
const rest: fc.Arbitrary<Passage> = fc
  .constantFrom<Passage['fate'][]>('passes', 'passes', 'hangs-before', 'reset-before')
  .map((last) => ({ thereMs: 5, backMs: 5, fate: last }));
const at = ms(SCHEDULE_MS);
const pauses = (isAsleep: boolean) =>
  fc
    .array(fc.record({ at, ms: fc.integer({ min: 1, max: 45_000 }), isAsleep: fc.constant(isAsleep) }), {
      maxLength: 2,
    })
    .map((all) => all.toSorted((a, b) => a.at - b.at))
    .map((all) => all.filter((pause, index) => index === 0 || pause.at > (all[0]?.at ?? 0) + (all[0]?.ms ?? 0)));
const steps = (min: number) => fc.array(fc.record({ at, ms: fc.integer({ min, max: 100_000 }) }), { maxLength: 2 });

/** One of the two clocks is right: no program can know how late it is where both are wrong. */
const clocks = fc.oneof(
  fc.record({ pauses: pauses(false), steps: steps(-100_000) }),
  fc.record({ pauses: pauses(true), steps: steps(0) }),
);
const holder: fc.Arbitrary<Holder> = fc
  .record({
    passages: fc.tuple(fc.array(passage, { maxLength: 4 }), rest).map(([first, last]) => [...first, last]),
    clocks,
    startMs: ms(10_000),
    workMs: fc.integer({ min: 1_000, max: 70_000 }),
    gapMs: fc.integer({ min: 400, max: 2_500 }),
    changeMs: ms(8_000),
  })
  .map(({ clocks: own, ...rest }) => ({ ...rest, ...own }));

/** A change that a run began. */
interface Change {
  readonly run: string;
  readonly at: number;
  readonly lease: HeldLease;
}

/** Lets the holders work, each one run after the other. @returns what went wrong, or undefined */
async function violationOf(holders: readonly Holder[]): Promise<string | undefined> {
  const timeline = new Timeline();
  const server = new LeaseServer(timeline);
  const leases = new Map<string, { readonly lease: HeldLease; readonly machine: Machine }>();
  const wrong: string[] = [];
  const ends = new Map<string, number>();
  let last: Change | undefined;
  const earlier = new Set<string>();

  const begin = (run: string, lease: HeldLease, changeMs: number) => {
    const { nowMs } = timeline;
    if (last !== undefined && last.run !== run) {
      earlier.add(last.run);
      if ((ends.get(last.run) ?? 0) > nowMs)
        wrong.push(`${run} begins at ${nowMs} while a change of ${last.run} is under way`);
    }
    if (earlier.has(run)) wrong.push(`${run} begins at ${nowMs} after another run`);
    for (const [other, { lease: held, machine }] of leases) {
      if (other !== run && machine.isRunning() && isValid(held))
        wrong.push(`${run} begins at ${nowMs}, and ${other} may too`);
    }
    last = { run, at: nowMs, lease };
    ends.set(run, Math.max(ends.get(run) ?? 0, nowMs + changeMs));
  };

  holders.forEach(({ passages, startMs, workMs, gapMs, changeMs, ...clocks }, index) => {
    const machine = new Machine(timeline, clocks);
    const isPaused = clocks.pauses.length > 0;
    const coming = [...passages];
    const store = server.storeFor(machine, () => {
      const [next = { thereMs: 1, backMs: 1, fate: 'passes' }] = coming;
      if (coming.length > 1) coming.shift();
      return next;
    });
    const work = async (number: number): Promise<void> => {
      const run = `${'ab'[index]}${number}`;
      try {
        const lease = await acquireLease(store, {
          holder: run,
          description: run,
          waitMs: 10 * SCHEDULE_MS,
          onWaiting: () => undefined,
          onWarning: () => undefined,
          signal: new AbortController().signal,
          clock: machine,
        });
        leases.set(run, { lease, machine });
        lease.signal.addEventListener('abort', () => {
          ends.set(run, Math.min(ends.get(run) ?? 0, timeline.nowMs + LAST_ANSWER_MS));
        });
        const endsAt = timeline.nowMs + workMs;
        while (timeline.nowMs < endsAt && isValid(lease)) {
          // A machine that stands still cannot end what is under way.
          begin(run, lease, isPaused ? 0 : changeMs);
          await machine.sleep(gapMs, lease.signal).catch(() => undefined);
        }
        // A run waits for the answers to its changes before it gives the Lease back.
        await machine.sleep(Math.max(0, (ends.get(run) ?? 0) - timeline.nowMs));
        await lease.release();
      } catch {
        await machine.sleep(5_000);
      }
      await work(number + 1);
    };
    machine.at(startMs, () => void work(1));
  });
  await timeline.runUntil(SCHEDULE_MS);
  return wrong[0];
}

function isValid(lease: HeldLease): boolean {
  try {
    lease.check();
    return true;
  } catch {
    return false;
  }
}

describe('two holders of a Lease', () => {
  it('never begin a change while the other may, whatever the network, the clocks and the machines do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(holder, holder), async (holders) => {
        expect(await violationOf(holders)).toBeUndefined();
      }),
      { numRuns: 10_000 },
    );
    // It takes 10 s of a processor; the machine may have other work.
  }, 300_000);
});
