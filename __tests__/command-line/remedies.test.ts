import { terminalRemedies } from '../../src/command-line/report.ts';
import { LaunchpadError } from '../../src/core/errors.ts';
import { SettingsInvalid } from '../../src/inputs/problems.ts';
import { failuresOf, failureText } from '../../src/operations/outcome/failure.ts';
import { classify } from '../../src/repository/refusals.ts';

const remedyOf = (error: LaunchpadError) => failuresOf(error, terminalRemedies)[0]?.remedy ?? '';
const refusal = (stderr: string) => classify(stderr, { url: 'https://example.org/cluster.git', branch: 'main' }).error;

describe('what to do at a terminal', () => {
  it.each([
    ['settings', new SettingsInvalid(['mysql-host: missing']), '--settings-file'],
    ['a protected branch', refusal('remote: error: GH006: Protected branch update failed'), 'bypass the rule'],
    ['a shallow clone', refusal('! [remote rejected] a -> b (shallow update not allowed)'), 'git fetch --unshallow'],
    ['credentials', refusal('fatal: Authentication failed'), 'LAUNCHPAD_GITHUB_TOKEN'],
    ['a right to push', refusal('The requested URL returned error: 403'), 'LAUNCHPAD_GITHUB_TOKEN'],
  ])('about %s is not said in the words of a workflow', (_, error, words) => {
    expect(error.remedy).toMatch(/with:|permissions:|actions\/checkout|fetch-depth|github-token/);
    expect(remedyOf(error)).toContain(words);
    expect(remedyOf(error)).not.toMatch(/with:|permissions:|actions\/checkout/);
  });

  it('is what the error says where that holds everywhere, and holds for causes too', () => {
    const error = new LaunchpadError('config-invalid', 'config.yml is wrong.', { remedy: 'Mend config.yml.' });
    expect(remedyOf(error)).toBe('Mend config.yml.');
    const outer = new LaunchpadError('outer', 'It failed.', { cause: new SettingsInvalid(['x']) });
    expect(failuresOf(outer, terminalRemedies).map(failureText).join()).toContain('--settings-file');
  });
});
