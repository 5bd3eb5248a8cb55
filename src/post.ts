import { unendedDeployments, unendedRuns, unreportedRuns } from './action/state.ts';

const runs = unendedRuns();
if (runs.length > 0 || unreportedRuns().length > 0 || unendedDeployments().length > 0) {
  // Most runs leave nothing to do, so that all else is a bundle of its own, for those that do.
  const { postStep } = await import(/* webpackIgnore: true */ './action/post-step.ts');
  await postStep(runs);
}
