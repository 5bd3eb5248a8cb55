import { unendedRun } from './action/run-state.ts';

const run = unendedRun();
if (run !== undefined) {
  // Most runs leave nothing to do, so that the cluster's client is loaded only for those that do.
  const { postStep } = await import(/* webpackMode: "eager" */ './action/post-step.ts');
  await postStep(run);
}
