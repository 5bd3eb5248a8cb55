import { LaunchpadError } from '../core/errors.ts';
import type { Plan } from '../instance/plan.ts';
import type { Run } from './preflight.ts';

/**
 * Requires that new passwords do not become public: config.yml holds them as plain text.
 *
 * @throws LaunchpadError `public-repository`
 */
export async function requirePrivateRepository({ request, progress }: Run, plan: Plan): Promise<void> {
  const { isPublic, hosted } = request;
  if (isPublic === undefined || !writesPassword(plan)) return;
  const repository = `${hosted.owner}/${hosted.name}`;
  const answer = await isPublic();
  if (answer === undefined) {
    progress.warning(
      `Cannot determine whether ${repository} is public. The new passwords in config.yml are plain text: keep it private.`,
    );
  }
  if (answer !== true) return;
  throw new LaunchpadError(
    'public-repository',
    `${repository} is a public repository: everybody could read the new passwords in config.yml.`,
    { remedy: 'Make the repository private; or, if that is acceptable, set allow-public-repository: true.' },
  );
}

function writesPassword({ files, additions, wanted }: Plan): boolean {
  return files.config === undefined || [...additions.keys(), ...wanted.keys()].some((key) => key.includes('PASSWORD'));
}
