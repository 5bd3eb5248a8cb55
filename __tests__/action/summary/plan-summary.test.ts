import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setOutputs } from '../../../src/action/report/outputs.ts';
import { planSummary } from '../../../src/action/summary/plan-summary.ts';
import { PLAN } from '../report.ts';

describe('the summary of a dry run', () => {
  it('has a table of what would be done, and the diff of the commit', () => {
    const summary = planSummary(PLAN);
    expect(summary).toMatch(
      /^## 🔍 Plan for instance riverside\n\n\*\*Plan&#58; 1 to create, 2 to change, 0 to destroy \(and databases, users and bucket if missing\)\.\*\* Dry run: no changes were made\.\n/,
    );
    expect(summary).toContain('| `+` create | Namespace | `riverside` |  |\n');
    expect(summary).toContain('launchpad-provision-password` | (rules&#91;0&#93;.verbs, rules&#91;1&#93;) |\n');
    expect(summary).toContain('| `+` create | Bucket | <code>launchpad-riverside-&#42;</code> | (if missing) |\n');
    expect(summary).toContain('```diff\n--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-A\n+B\n```\n');
  });

  it('says that nothing would change', () => {
    const files = PLAN.files.map((file) => ({ ...file, state: 'unchanged' as const, diff: '' }));
    const summary = planSummary({ ...PLAN, changed: false, files });
    expect(summary).toContain('**No changes (databases, users and bucket are created if missing).**');
    expect(summary).toContain('No file changes.');
    expect(summary).not.toContain('```');
  });

  it("names the keys that the vendor's API tells", () => {
    expect(planSummary({ ...PLAN, laterKeys: ['MONGODB_HOST'] })).toContain('API&#58; MONGODB&#95;HOST');
  });

  it('lets no line of a file end the block that it stands in', () => {
    const files = [{ path: 'x', state: 'change' as const, diff: '+A: |\n+````\n+# Heading' }];
    expect(planSummary({ ...PLAN, files })).toContain('`````diff\n+A: |\n+````\n+# Heading\n`````\n');
  });

  it('is cut before GitHub drops it', () => {
    const diff = '+KEY: "value"\n'.repeat(200_000);
    const summary = planSummary({ ...PLAN, files: [{ path: 'x', state: 'create', diff }] });
    expect(Buffer.byteLength(summary)).toBeLessThan(1_048_576);
    expect(summary).toContain('(cut: see the log)\n```');
  });

  it('of taking an instance down lists what would go, and the files of the commit', () => {
    const summary = planSummary({
      ...PLAN,
      operation: 'deprovision',
      resources: [
        { kind: 'Application', name: 'riverside-production', state: 'delete', fields: [] },
        { kind: 'Bucket', name: 'launchpad-riverside-3fa9c1e', state: 'remove', fields: [] },
        { kind: 'Namespace', name: 'riverside', state: 'absent', fields: [] },
      ],
      commit: 'chore: remove instance riverside',
      files: [{ path: 'instances/riverside/config.yml', state: 'delete', diff: '' }],
    });
    expect(summary).toMatch(/^## 🔍 Plan for deprovisioning instance riverside\n/);
    expect(summary).toContain('| `-` delete | Application | `riverside-production` |  |\n');
    expect(summary).toContain('| `-` delete | Bucket | `launchpad-riverside-3fa9c1e` | (if it exists) |\n');
    expect(summary).toContain('| `=` keep | Namespace | `riverside` | (already absent) |\n');
    expect(summary).toContain('### Commit&#58; chore&#58; remove instance riverside'.replace('Commit&#58;', 'Commit:'));
    expect(summary).toContain('- ➖ `instances/riverside/config.yml`\n');
  });

  it('names some of many fields', () => {
    const fields = Array.from({ length: 30 }, (_, index) => `field${index}`);
    const summary = planSummary({ ...PLAN, resources: [{ kind: 'Role', name: 'r', state: 'change', fields }] });
    expect(summary).toContain('field7 and 22 more)');
    expect(summary).not.toContain('field8,');
  });
});

it('the outputs of a dry run have no commit and no workflow', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'outputs-'));
  const file = path.join(directory, 'output');
  await writeFile(file, '');
  process.env.GITHUB_OUTPUT = file;
  try {
    setOutputs(PLAN);
    const written = await readFile(file, 'utf8');
    expect(written).toMatch(/^changed<<(\S+)\ntrue\n\1$/m);
    expect(written).toMatch(/^commit-sha<<(\S+)\n\n\1$/m);
    expect(written).toMatch(/^workflows<<(\S+)\n\{\}\n\1$/m);
  } finally {
    delete process.env.GITHUB_OUTPUT;
    await rm(directory, { recursive: true });
  }
});
