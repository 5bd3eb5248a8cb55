import { planSummary } from '../../../src/action/summary/plan-summary.ts';
import { summaryOf } from '../../../src/action/summary/summary.ts';
import type { Diagnosis } from '../../../src/cluster/workflows/diagnosis.ts';
import { EMPTY_RECORD } from '../../../src/core/run-record.ts';
import { PLAN, REPORT } from '../report.ts';
import { FAILURE, LINKS, REPOSITORY_URL, SUCCESS, success } from './given.ts';

const COMMIT_URL = `${REPOSITORY_URL}/commit/${REPORT.commitSha}`;
const MIB = 1_048_576;

describe('the summary of a run that succeeded', () => {
  it('has a table of all that the instance has, in the order of a run', () => {
    const summary = summaryOf(SUCCESS);
    expect(summary).toMatch(/^## ✅ Instance riverside&#58; provisioned\n/);
    expect(summary).toContain(
      [
        '| Resource | Name | State |',
        '| --- | --- | --- |',
        '| Namespace | `riverside` | created |',
        '| MySQL database | `launchpad-riverside-openedx` | created |',
        '| MySQL user | `launchpad-riverside` | updated |',
        '| MongoDB database | `launchpad-riverside-openedx` | ready |',
        '| MongoDB database | `launchpad-riverside-forum` | ready |',
        '| MongoDB user | `launchpad-riverside` | created |',
        '| Bucket | `launchpad-riverside-3fa9c1e` | unchanged |',
        `| Commit | [\`0123456\`](${COMMIT_URL}) | created |`,
        '| Application | `riverside-production` | created |',
        '',
      ].join('\n'),
    );
    expect(summary).toContain('| mysql | `riverside-mysql-x1` | Succeeded | 10.5 |');
  });

  it('names the keys that were set', () => {
    expect(summaryOf(SUCCESS)).toContain(
      'In `instances/riverside/config.yml` the run set `MONGODB_PASSWORD`, `STORAGE_BUCKET_NAME`.',
    );
  });

  it('repeats what the operator should look at, whether the run succeeded or not', () => {
    const record = { ...SUCCESS.record, warnings: ['config.yml: A_B is <set>.'] };
    expect(summaryOf({ ...SUCCESS, record })).toContain('\n⚠️ config.yml&#58; A&#95;B is &#60;set&#62;.\n');
    expect(planSummary({ ...PLAN, warnings: record.warnings })).toContain('\n⚠️ config.yml&#58; A&#95;B is');
  });

  it('says first what the instance has: addresses, commit, Application and bucket', () => {
    expect(summaryOf(SUCCESS)).toContain(
      [
        '- **LMS**: [https&#58;//riverside.example.org](https://riverside.example.org)',
        '- **CMS**: [https&#58;//studio.riverside.example.org](https://studio.riverside.example.org)',
        `- **Commit**: [\`0123456\`](${COMMIT_URL})`,
        '- **Application**: `riverside-production`',
      ].join('\n'),
    );
  });

  it('leads with "No changes" only where nothing was pushed, created or updated', () => {
    const report = { ...REPORT, changed: false };
    const unchanged = {
      ...SUCCESS.record,
      commit: { sha: REPORT.commitSha, pushed: false, keys: [] },
      resources: SUCCESS.record.resources.map((resource) => ({ ...resource, state: 'unchanged' as const })),
    };
    const summary = summaryOf(success({ report, record: unchanged }));
    expect(summary).toMatch(/^## ✅ No changes&#58; instance riverside is up to date\n/);
    expect(summary).toContain('was complete.');
    expect(summary).not.toContain('build workflow');
    const repaired = summaryOf(success({ report, record: { ...unchanged, resources: SUCCESS.record.resources } }));
    expect(repaired).toMatch(/^## ✅ Instance riverside&#58; provisioned\n/);
    const unread = { ...unchanged, resources: unchanged.resources.filter(({ kind }) => kind !== 'Bucket') };
    expect(summaryOf(success({ report, record: unread }))).not.toContain('No changes');
  });

  it('asks first for the build workflow, which a push with the job’s own token does not start', () => {
    const links = { ...LINKS, buildWorkflow: `${REPOSITORY_URL}/actions/workflows/build.yml` };
    const report = { ...REPORT, sync: undefined };
    const summary = summaryOf(success({ report, options: { pages: links } }));
    expect(summary).toContain(
      `1. Start [the build workflow](${links.buildWorkflow}) (it generates \`instances/riverside/env\`)`,
    );
    expect(summaryOf(success({ report }))).toContain('1. Start the build workflow');
    const started = summaryOf(success({ report, options: { startsWorkflows: true } }));
    expect(started).toContain('1. Wait for the build workflow (triggered by the push');
  });

  it('asks for no build where Argo CD has deployed what the commit has', () => {
    expect(summaryOf(SUCCESS)).toContain('1. Argo CD has deployed it (Synced, Healthy)&#58; `kubectl get application');
    expect(summaryOf(SUCCESS)).not.toContain('build workflow');
  });

  it('links the commit, and the Application where Argo CD has an address', () => {
    expect(summaryOf(SUCCESS)).toContain(`[\`0123456\`](${COMMIT_URL})`);
    expect(summaryOf(SUCCESS)).toContain('`kubectl get application -n argocd riverside-production`');
    const application = (name: string) => `https://argocd.example.org/applications/argocd/${name}`;
    const report = { ...REPORT, sync: undefined };
    const summary = summaryOf(success({ report, options: { pages: { ...LINKS, application } } }));
    expect(summary).toContain(
      '2. Watch Argo CD deploy it&#58; [riverside-production](https://argocd.example.org/applications/argocd/riverside-production)',
    );
  });

  it('recommends an AppProject for a preview that is not in one', () => {
    expect(summaryOf(success({ options: { isFenced: false } }))).toContain(
      '2. Set `preview-project` to an AppProject for previews',
    );
    expect(summaryOf(SUCCESS)).not.toContain('preview-project');
  });

  it('says which run it picked up', () => {
    const previous = { run: '17-1-abcdef', workflows: [{ kind: 'mysql', phase: 'Failed' } as const], seedKept: true };
    expect(summaryOf({ ...SUCCESS, record: { ...SUCCESS.record, previous } })).toContain(
      'Resuming run 17-1-abcdef&#58; workflow mysql Failed',
    );
  });

  it('takes nothing in a cell for Markdown or HTML', () => {
    const resources = [{ kind: 'a|b', name: '<img src=x> [x](y)\n@org `c`', state: 'created' as const }];
    const summary = summaryOf({ ...SUCCESS, record: { ...SUCCESS.record, resources } });
    const row = summary.split('\n').find((line) => line.startsWith('| a')) ?? '';
    expect(row.split('|')).toHaveLength(5);
    expect(row.replaceAll(/<\/?code>/g, '')).not.toMatch(/[<>[\]@`]/);
  });

  it('is cut before GitHub drops it, at the end of a row, and says so', () => {
    const resources = Array.from({ length: 30_000 }, (_, index) => ({
      kind: 'MySQL database',
      name: `launchpad-ö-${index}`,
      state: 'created' as const,
    }));
    const summary = summaryOf({ ...SUCCESS, record: { ...SUCCESS.record, resources } });
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB);
    expect(Buffer.byteLength(summary)).toBeGreaterThan(MIB / 2);
    expect(summary).toMatch(/\| created \|\n\n\nThe summary was longer .* is cut here/);
    expect(summary).not.toContain('\ufffd');
  });
});

describe('the summary of a run that failed', () => {
  const failed = (message: string) =>
    summaryOf({ ...FAILURE, failures: [{ message, remedy: 'Check <host>.', causes: [] }] });

  it('begins with what failed and what to do', () => {
    expect(failed('MySQL at db:3306 refused the admin.')).toMatch(
      /^## ❌ Instance riverside was not provisioned\n\n\| What failed \| MySQL at db&#58;3306 refused the admin\. \|\n\| :--- \| :--- \|\n\| \*\*What to do\*\* \| Check &#60;host&#62;\. \|\n\n/,
    );
  });

  it('then says what is there and what the next run does', () => {
    const summary = summaryOf(FAILURE);
    for (const line of [
      'Stopped in&#58; Wait for the workflows, after 11.1 s.',
      'Workflows&#58; mysql failed; mongodb and storage succeeded.',
      'Nothing was committed, and no Application was applied.',
      'Generated names and passwords stay the same.',
    ]) {
      expect(summary).toContain(line);
    }
    expect(summary).toContain('| MySQL database | `launchpad-riverside-openedx` | failed |');
    expect(summary).toContain('| Bucket | `launchpad-riverside-3fa9c1e` | unchanged |');
    expect(summary).toMatch(/Wait for the workflows \(11\.1 s\) :crit, /);
  });

  it('says of one that was cancelled which workflows were terminated', () => {
    const workflows = FAILURE.record.workflows.map((workflow) =>
      workflow.kind === 'storage' ? workflow : { ...workflow, phase: 'Failed', terminated: true },
    );
    const summary = summaryOf({ ...FAILURE, kind: 'cancelled', record: { ...FAILURE.record, workflows } });
    expect(summary).toContain('## ❌ Instance riverside was not provisioned: the run was cancelled\n');
    expect(summary).toContain('Workflows&#58; mysql and mongodb terminated; storage succeeded.');
    expect(summary).toContain('| MongoDB user | `launchpad-riverside` | created |');
    expect(summary).toContain('| MySQL user | `launchpad-riverside` | not finished |');
  });

  it('says where the state of a workflow could not be read, or no controller looked at it', () => {
    const phases = { mysql: 'unknown', mongodb: '', storage: 'Error' };
    const workflows = FAILURE.record.workflows.map((workflow) => ({ ...workflow, phase: phases[workflow.kind] }));
    const summary = summaryOf({ ...FAILURE, record: { ...FAILURE.record, resources: [], workflows } });
    expect(summary).toContain(
      'Workflows&#58; mysql in a state that could not be read; mongodb not begun; storage failed.',
    );
    expect(summary).toContain('| MySQL user | `launchpad-riverside` | unknown |');
    expect(summary).toContain('| MongoDB user | `launchpad-riverside` | not finished |');
    expect(summary).toContain('| Bucket | `launchpad-riverside-3fa9c1e` | failed |');
  });

  it('says of one that failed after its push what is committed, and which keys it set', () => {
    const { commit } = SUCCESS.record;
    const summary = summaryOf({ ...FAILURE, record: { ...FAILURE.record, commit } });
    expect(summary).toContain("- Commit 0123456 has the instance's files, and no Application was applied.");
    expect(summary).toContain(`| Commit | [\`0123456\`](${COMMIT_URL}) | created |`);
    expect(summary).toContain('In `config.yml` the run set `MONGODB_PASSWORD`, `STORAGE_BUCKET_NAME`.');
  });

  it('says of one that touched nothing that it did not', () => {
    const { effects } = EMPTY_RECORD;
    const record = { ...FAILURE.record, effects, resources: [], workflows: [], expected: [], phases: [] };
    const summary = summaryOf({ ...FAILURE, record });
    expect(summary).toContain('- No changes were made');
    expect(summary).not.toMatch(/### Resources|mermaid/);
  });

  it('keeps the lines of an error, and takes nothing in it for Markdown or HTML', () => {
    expect(failed('Two are wrong:\n- <a>\n  b | c')).toContain(
      '| Two are wrong&#58;<ul><li>&#60;a&#62;<br>&nbsp;&nbsp;b &#124; c</li></ul> |',
    );
  });

  it('shows causes, and folds what was found out about a workflow below them', () => {
    const diagnosis: Diagnosis = {
      service: 'MySQL',
      namespace: 'riverside',
      workflow: 'mysql-x1',
      phase: 'Failed',
      message: '',
      node: 'mysql-x1',
      exitCode: 1,
      containers: [{ name: 'main', state: 'terminated', reason: 'Error', message: '', exitCode: 1 }],
      warnings: ['FailedMount: no such Secret'],
      log: ['line 1', '</pre>line 2'],
      code: 'mysql-refused',
      title: 'MySQL: connection refused',
      cause: 'x',
      remedy: 'y',
    };
    const causes = [{ message: 'ECONNREFUSED', remedy: undefined, causes: [] }];
    const summary = summaryOf({ ...FAILURE, failures: [{ message: 'x', remedy: undefined, causes, diagnosis }] });
    expect(summary).toContain(
      '| Cause | ECONNREFUSED |\n| Workflow | mysql-x1&#58; Failed |\n| Failed node | mysql-x1, exit code 1 |\n' +
        '| Container | main&#58; terminated, Error, exit code 1 |\n| Event | FailedMount&#58; no such Secret |\n',
    );
    expect(summary).toContain(
      '<details><summary>Log of the pod</summary>\n\n<pre>\nline 1\n&lt;/pre&gt;line 2\n</pre>',
    );
  });

  it('hides a secret also where Markdown would spell it in another way', () => {
    expect(failed('denied for hunter_2')).toContain('denied for &#42;&#42;&#42;');
    expect(failed('denied for hunter_2')).not.toContain('hunter');
  });

  it('shows so much of an endless error that the rest finds room', () => {
    const summary = failed('x'.repeat(3 * MIB));
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB);
    expect(summary).toContain('(cut&#58; see the log)');
    expect(summary).toContain('### The run');
  });
});
