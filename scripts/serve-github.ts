/**
 * Stands in for the calls of GitHub's API that the action makes, for the pull requests of a bare repository: `npm run
 * github-api -- remote.git`. Prints its address, each comment as it is made or changed, and each state of a deployment;
 * serves until it is stopped.
 * Pull requests are those that scripts/pull-request-event.ts opened.
 *
 *   npm run github-api -- REPOSITORY.git [--port 8099] [--token TOKEN]
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { baseOf, filesOf, gitIn } from '../sandbox/git/pull-requests.ts';
import { startGithub } from '../sandbox/github/api.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '8099' }, token: { type: 'string', default: 'github-token-of-the-job' } },
});
const [repository] = positionals;
if (repository === undefined) throw new Error('Give the bare repository: npm run github-api -- remote.git');
const git = gitIn(repository);
const github = await startGithub({
  port: Number(values.port),
  token: values.token,
  listFiles: async (_, number) => await filesOf(git, { number, base: await baseOf(git, number) }),
  onComment: ({ id, issue, body }) => process.stdout.write(`--- comment ${id} on pull request #${issue}\n${body}\n`),
  onDeployment: ({ id, environment, statuses }) => {
    const { state = '', environment_url: url = '' } = statuses.at(-1) ?? {};
    process.stdout.write(`--- deployment ${id} of ${environment}: ${state} ${url}\n`);
  },
});
process.stdout.write(`GITHUB_API_URL=${github.url}\n`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await github.stop();
