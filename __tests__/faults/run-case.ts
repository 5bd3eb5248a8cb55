import { provisioned } from '../scenarios/deprovisioned.ts';
import { expectProvisioned } from '../scenarios/outcome.ts';
import { openWorld, type RunOptions, type World } from '../scenarios/world.ts';
import { factsOf, falseClaims } from './claims.ts';
import { type FaultCase, type Section, whatHolds } from './fault-case.ts';
import { expectDone, expectGreen, expectNoSecret, expectNothingUnderWay, optionsOf } from './invariants.ts';
import { seenIn, writeRow } from './rows.ts';
import { openStage } from './stage.ts';

/** Seconds for a run that meets a fault, if the case does not say otherwise; a real cluster takes three times as long. */
const WITHIN = 120;
/** Seconds after which a run that is late is killed. */
const OVERTIME = 5;
/** Milliseconds for a case with its clean runs, and for those before it in the queue. */
const TEST_MS = 1_800_000;

/** Makes a test of each case of a section. @param isAlone one after the other: each strikes other runs too */
export async function testFaults({ title, cases }: Section, { isAlone = false } = {}): Promise<void> {
  const world = await openWorld();
  afterAll(() => world.stop(), TEST_MS);
  describe(title, () => {
    (isAlone ? it : it.concurrent).each(cases.map((one): [string, FaultCase] => [one.fault, one]))(
      '%s',
      async (_, one) => await runCase(world, one),
      TEST_MS,
    );
  });
}

/** The options without what is there for the fault's sake: a short time limit, a wait. */
function patient({ inputs = {}, ...others }: RunOptions): RunOptions {
  return { ...others, inputs: { ...inputs, timeout: '5m', 'wait-for-sync': 'false' } };
}

/** The run that meets the fault, what it says of itself, a clean run after it, and what must be so then. */
async function runCase(world: World, one: FaultCase): Promise<void> {
  const stage = await openStage(world, one.provider);
  const row = { fault: one.fault, holds: whatHolds(one) };
  try {
    const clean = optionsOf(stage, one);
    const setUp = { run: (options = {}) => stage.run(options) };
    const whole =
      one.operation === 'deprovision' ? await provisioned(world, { ...stage.scenario, ...setUp }) : undefined;
    const before = await factsOf(stage);
    // The fault is the action's, not that of the step that checks out.
    const checkout = await stage.checkout();
    await one.arm(stage);
    const since = performance.now();
    const running = await stage.start({ ...clean, checkout });
    const within = (one.within ?? WITHIN) * (world.sandbox === undefined ? 3 : 1);
    // A run that does not end is ended, so that what it left is seen too.
    const limit = setTimeout(() => running.die(), (within + OVERTIME) * 1000);
    const isEnded = running.done.then(() => undefined);
    await Promise.race([isEnded, one.during?.(stage) ?? isEnded]);
    const result = await running.done;
    clearTimeout(limit);
    const seconds = (performance.now() - since) / 1000;
    const { isIdle } = stage;
    const facts = await factsOf(stage);
    await stage.mend();
    await one.mend?.(stage);

    await writeRow({ ...row, sees: seenIn(result, stage.instance) });
    expect({ isIdle }).toEqual({ isIdle: false });
    expect(seconds).toBeLessThan(within);
    // What one says is not so any more when the other has undone it.
    const races = one.beside === 'opposite';
    if (!races) expect(falseClaims(result, facts, before)).toEqual([]);
    if (one.ends === 'green') expectGreen(result);
    if (one.ends === 'red') {
      expect(result.code).toBe(1);
      expect(result.log).toMatch(/^::error/m);
    }
    if (one.error !== undefined) expect(/^::error.*/m.exec(result.log)?.[0] ?? '').toMatch(one.error);
    if (one.log !== undefined) expect(result.log).toMatch(one.log);
    if (one.leavesRest !== true) await expectNothingUnderWay(stage);
    if (result.code === 0 && !races && one.leavesRest !== true) await expectDone(stage, one, whole);

    if (one.leavesRest === true && one.atOnce !== true) await stage.scenario.expireLease();
    const next = await stage.run(patient(clean));
    expectGreen(next);
    if (result.code === 0 && !races) expect(next.outputs.changed).toBe('false');
    const config = races ? await expectProvisioned(world, stage.scenario) : await expectDone(stage, one, whole);
    for (const shown of [result, next]) expectNoSecret(stage, shown, config);
  } finally {
    await stage.close();
  }
}
