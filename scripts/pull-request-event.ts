/**
 * Keeps the refs of a pull request in a bare repository as GitHub would, and prints its event, for act.
 *
 *   node scripts/pull-request-event.ts REPOSITORY.git NUMBER HEAD BASE opened|synchronize|closed|merged [owner/name]
 *
 * `merged` merges HEAD into BASE and prints the event `push` of that; the pull request's own event then is `closed`.
 */
import { gitIn, keepBase, merge, pullRequestEvent, updateRefs } from '../sandbox/git/pull-requests.ts';

const [repository, digits, head, base, action, name = 'example-org/cluster'] = process.argv.slice(2);
if (repository === undefined || digits === undefined || head === undefined || base === undefined) {
  throw new Error('Give the bare repository, number, head, base and action.');
}
const git = gitIn(repository);
const refs = { number: Number(digits), head, base };
await keepBase(git, refs);

async function event(): Promise<object> {
  switch (action) {
    case 'opened':
    case 'synchronize':
      await updateRefs(git, refs);
      return pullRequestEvent({ ...refs, repository: name, action });
    case 'closed':
      return pullRequestEvent({ ...refs, repository: name, action });
    case 'merged':
      return { ref: `refs/heads/${base}`, ...(await merge(git, refs)) };
    default:
      throw new Error(`Unknown action ${action}: opened, synchronize, closed or merged.`);
  }
}

process.stdout.write(`${JSON.stringify(await event(), null, 2)}\n`);
