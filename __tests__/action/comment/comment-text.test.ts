import { commentText, type Reported } from '../../../src/action/comment/comment-text.ts';
import { ActionLog } from '../../../src/action/log/action-log.ts';
import { LaunchpadError } from '../../../src/core/errors.ts';
import type { Outcome, Task } from '../../../src/operations/outcome/outcome.ts';
import { PLAN, RECORD, REPORT } from '../report.ts';
import { captureOutput } from '../stdout.ts';

captureOutput();

const SERVER = 'https://ghe.example.org/org/cluster';

function text(reported: Partial<Reported>, secrets: readonly string[] = []): string {
  const log = new ActionLog();
  for (const secret of secrets) log.maskAlways(secret);
  const links = {
    commit: (sha: string) => `${SERVER}/commit/${sha}`,
    application: (name: string) => `https://argocd.example.org/applications/argocd/${name}`,
    applicationCommand: (name: string) => `kubectl get application -n argocd ${name}`,
    workflow: () => undefined,
    buildWorkflow: undefined,
  };
  const options = {
    runUrl: `${SERVER}/actions/runs/1/attempts/1`,
    closing: { pages: links, startsWorkflows: false, isFenced: true },
    base: 'main',
    redact: (raw: string) => log.redact(raw),
  };
  return commentText({ outcomes: [], notes: [], ...reported }, options);
}

const task = (instance: string, flags: Partial<Task> = {}): Task => ({
  instance,
  operation: 'provision',
  isDryRun: false,
  isPreview: true,
  ...flags,
});
const provisioned = (instance: string): Outcome => ({
  task: task(instance),
  record: RECORD,
  kind: 'provisioned',
  report: REPORT,
});
const planned = (instance: string, diff: string, flags: Partial<Task> = { isPreview: false }): Outcome => ({
  task: task(instance, { isDryRun: true, ...flags }),
  record: RECORD,
  kind: 'planned',
  report: { ...PLAN, files: PLAN.files.map((file) => ({ ...file, diff })) },
});
const failed = (instance: string, message: string): Outcome => ({
  task: task(instance),
  record: RECORD,
  kind: 'failed',
  error: new LaunchpadError('x', message, { remedy: 'Mend @it & run again.', cause: new Error('because of |that|') }),
});

describe('the comment on a pull request', () => {
  it('has the state of each instance, then cause and remedy, then the plans, and a link to the run', () => {
    const shown = text({
      outcomes: [provisioned('a'), planned('live', '-A\n+B'), failed('c', 'It <b>failed</b>\nbadly')],
      notes: ['Instance d: left as it is.'],
    });
    expect(shown).toMatch(/^### ❌ Launchpad: 1 of 3 instances failed\n/);
    expect(shown).toContain(
      `| \`a\` | 🚀 provisioned as a preview | **LMS**: [https&#58;//riverside.example.org](https://riverside.example.org)<br>**CMS**: [https&#58;//studio.riverside.example.org](https://studio.riverside.example.org)<br>**Commit**: [\`0123456\`](${SERVER}/commit/${REPORT.commitSha})<br>**Application**: `,
    );
    expect(shown).toMatch(/<br>\*\*Bucket\*\*: `launchpad-\S+`<br>.*<br>Argo CD has deployed it/);
    expect(shown).toContain('| `live` | 🔍 planned&#58;'.replace('&#58;', ':'));
    expect(shown).toContain('| Plan&#58; 1 to create, 2 to change, 0 to destroy (and databases');
    expect(shown).toContain('| `c` | ❌ failed | It &#60;b&#62;failed&#60;/b&#62; |');
    expect(shown).toMatch(
      /\| What failed \| It &#60;b&#62;failed&#60;\/b&#62;<br>badly \|\n.*\n\| Cause \| because of &#124;that&#124; \|\n\| \*\*What to do\*\* \| Mend &#64;it &#38; run again\. \|/,
    );
    expect(shown).toContain('<details><summary>Plan for live</summary>');
    expect(shown).toContain('- change Role `launchpad-provision-password` (rules');
    expect(shown).toContain('```diff\n-A\n+B\n```');
    expect(shown).toContain('- Instance d&#58; left as it is.');
    expect(shown).toContain(`[Log and summary of the run](${SERVER}/actions/runs/1/attempts/1)`);
    expect(shown.indexOf('What failed')).toBeLessThan(shown.indexOf('Plan for live'));
  });

  it('says what ended the run before it came to an instance', () => {
    const error = new LaunchpadError('settings-invalid', 'mysql-host is missing', { remedy: 'Set mysql-host.' });
    const shown = text({ error });
    expect(shown).toMatch(/^### ❌ Launchpad: the run failed\n/);
    expect(shown).toContain('| What failed | mysql-host is missing |');
    expect(shown).toContain('| **What to do** | Set mysql-host. |');
  });

  it('holds no secret, also none that Markdown would spell in another way', () => {
    const secret = 'hunter_2|[x]#9';
    const outcomes = [failed('a', `Login with ${secret} failed`), planned('b', `+A: ${secret}`)];
    const shown = text({ outcomes, notes: [`Not ${secret}`] }, [secret]);
    expect(shown).toContain('Login with &#42;&#42;&#42; failed');
    expect(shown).toContain('+A: ***');
    expect(shown).toContain('- Not &#42;&#42;&#42;');
    expect(shown).not.toMatch(/hunter/);
  });

  it('is cut to what GitHub takes, with all failures and whole Markdown', () => {
    const diff = '+KEY: "value"\n'.repeat(2_000);
    const many = Array.from({ length: 40 }, (_, index) => planned(`live-${index}`, diff));
    const shown = text({ outcomes: [...many, failed('c', 'It failed')] });
    expect(shown.length).toBeLessThan(65_536 - 200);
    expect(shown).toContain('| What failed | It failed |');
    expect(shown).toContain('longer than GitHub keeps');
    expect(shown.match(/<details>/g)).toHaveLength(shown.match(/<\/details>/g)?.length ?? 0);
    expect((shown.match(/^```/gm) ?? []).length % 2).toBe(0);
  });
});
