import { loadAssets } from '../assets.ts';
import { RunJournal } from '../run-journal.ts';
import { openSurroundings } from '../surroundings.ts';
import { cancellation } from './cancellation.ts';
import { type Links, linksOf } from './links.ts';
import { ActionLog } from './log.ts';
import { inputOf } from './lookup.ts';
import { secretsIn } from './masks.ts';
import { githubOrigin } from './origin.ts';
import { readRequest } from './request.ts';
import { runnerState as state } from './run-state.ts';
import { runTasks } from './run-tasks.ts';
import { runnerLookup } from './runner-lookup.ts';
import { tasksOf } from './task.ts';
import { tellFailure } from './tell-failure.ts';
import { tellOutcomes } from './tell-outcomes.ts';

/**
 * The action's main step: reads what the workflow asks for, does it, and tells how it went. Whatever is thrown fails the
 * step.
 *
 * @param entry directory of the running entry point
 */
export async function mainStep(entry: string): Promise<void> {
  const log = new ActionLog();
  for (const secret of secretsIn(runnerLookup)) log.maskAlways(secret);
  const journal = new RunJournal(log);
  let links: Links | undefined;
  try {
    const request = readRequest(runnerLookup, githubOrigin(runnerLookup));
    links = linksOf(request);
    const assets = await loadAssets(entry);
    const signal = cancellation();
    const surroundings = await journal.phase('Check cluster and repository', () =>
      openSurroundings(request, journal, signal),
    );
    try {
      const tasks = tasksOf(request);
      state.instances(tasks.map(({ instance }) => instance));
      const context = { request, assets, surroundings, state, signal };
      const outcomes = await runTasks(tasks, context, log, journal.record);
      await tellOutcomes(outcomes, request, log);
    } finally {
      await surroundings.cluster.close();
    }
  } catch (error) {
    const instance = inputOf(runnerLookup, 'instance');
    await tellFailure(error, { instance, record: journal.record, links, log });
  }
  state.told();
}
