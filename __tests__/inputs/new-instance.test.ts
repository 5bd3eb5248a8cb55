import type { InputSource } from '../../src/inputs/input-source.ts';
import { INPUTS, type InputsReading } from '../../src/inputs/inputs.ts';
import { SettingsInvalid } from '../../src/inputs/problems.ts';
import { readNewInstanceOptions } from '../../src/inputs/request.ts';
import { secretsIn } from '../../src/inputs/secrets/masks.ts';
import { TableReading } from '../../src/inputs/table-reading.ts';
import { PLAIN_NEW_INSTANCE } from '../../src/instance/new/options.ts';
import { given, messageThrownBy } from '../action/given.ts';

type Texts = Readonly<Record<string, string>>;

const optionsOf = (inputSource: InputSource) => {
  const inputs: InputsReading = new TableReading(INPUTS, inputSource);
  if (inputs.problems.length > 0) throw new SettingsInvalid(inputs.problems);
  return readNewInstanceOptions(inputs, inputSource);
};
const newInstance = (inputs: Texts = {}, event = 'workflow_dispatch') =>
  optionsOf(given({ inputs, variables: { GITHUB_EVENT_NAME: event } }));
const complaint = (inputs: Texts, event?: string) => messageThrownBy(() => newInstance(inputs, event));
const URL = 'https://github.com/org/templates.git';
const SHA = '0123456789abcdef0123456789abcdef01234567';

describe('the source of a new instance', () => {
  it('is the action’s own template by default', () => expect(newInstance()).toEqual(PLAIN_NEW_INSTANCE));

  it.each<[string, Texts, object]>([
    ['a directory', { template: 'templates/school/' }, { kind: 'directory', path: 'templates/school' }],
    ['a directory in it', { template: './a', 'template-directory': 'b/c' }, { kind: 'directory', path: 'a/b/c' }],
    ['a repository', { template: URL }, { kind: 'git', url: URL, version: undefined, directory: undefined }],
    [
      'a version of a repository',
      { template: 'git@github.com:org/t.git', 'template-version': 'release/v1.2+x', 'template-directory': 'x' },
      { kind: 'git', url: 'git@github.com:org/t.git', version: 'release/v1.2+x', directory: 'x' },
    ],
    [
      'a repository at an address',
      { template: 'http://127.0.0.1:8080/t.git' },
      { kind: 'git', url: 'http://127.0.0.1:8080/t.git' },
    ],
    ['an instance', { 'from-instance': 'riverside' }, { kind: 'instance', name: 'riverside' }],
  ])('may be %s', (_, inputs, source) => expect(newInstance(inputs).source).toMatchObject(source));

  it.each<[string, Texts, string]>([
    ['two things', { template: 'a', 'from-instance': 'b' }, 'from-instance and template are both set'],
    [
      'a version of a directory',
      { template: 'a', 'template-version': 'v1' },
      'template-version is for a template with a URL only',
    ],
    ['a directory of nothing', { 'template-directory': 'a' }, 'template-directory is set, but template'],
    ['what lies outside', { template: '../a' }, 'is not a directory of the repository'],
    ['an unprotected host', { template: 'http://github.com/org/t.git' }, 'is not encrypted in transit'],
    ['another protocol', { template: 'file:///etc' }, 'is not a URL of a git repository'],
    ['an option of git', { template: URL, 'template-version': '--upload-pack=x' }, 'is not a branch, tag or commit'],
    ['a refspec', { template: URL, 'template-version': 'main:main' }, 'is not a branch, tag or commit'],
    ['a password', { template: 'https://a:hunter2@github.com/o/t.git' }, 'contains a password'],
    ['no instance', { 'from-instance': 'kube-system' }, 'Input from-instance: "kube-system" is reserved.'],
  ])('may not be %s', (_, inputs, message) => {
    expect(complaint(inputs)).toContain(message);
    expect(complaint(inputs)).not.toContain('hunter2');
  });

  it.each(['pull_request', 'pull_request_target'])('is pinned to a commit on %s', (event) => {
    for (const version of [undefined, 'main', 'v1', SHA.slice(0, 12)]) {
      const inputs = { template: URL, ...(version === undefined ? {} : { 'template-version': version }) };
      expect(complaint(inputs, event)).toContain('template-version must be a full commit SHA (40 hex digits)');
      expect(complaint(inputs)).toBe('nothing was thrown');
    }
    expect(complaint({ template: URL, 'template-version': SHA }, event)).toBe('nothing was thrown');
    expect(complaint({ template: 'templates/a' }, event)).toBe('nothing was thrown');
  });
});

describe('the options of a new instance', () => {
  it('are read from the inputs', () => {
    const inputs = {
      'platform-name': "The School's – Школа",
      'edx-platform-repository': 'https://github.com/openedx/edx-platform.git',
      'edx-platform-version': 'release/teak.3',
      'tutor-version': 'v20.0.5',
      config: 'A: [1, b]\nSMTP_HOST: "smtp"\n',
    };
    expect(newInstance(inputs)).toMatchObject({
      values: {
        platformName: "The School's – Школа",
        edxPlatformRepository: 'https://github.com/openedx/edx-platform.git',
        edxPlatformVersion: 'release/teak.3',
        tutorVersion: 'v20.0.5',
      },
      config: new Map<string, unknown>([
        ['A', [1, 'b']],
        ['SMTP_HOST', 'smtp'],
      ]),
    });
  });

  it.each(['a "b"', 'a\nRUN: 1', 'a\\', '{{ env("X") }}', '{% raw %}'])(
    'may not break out of a template: %j',
    (name) => {
      expect(complaint({ 'platform-name': name })).toContain('is not accepted: give one line without double quotes');
    },
  );

  it('have secrets that are masked', () => {
    const secrets = (config: string) => secretsIn(given({ inputs: { config } }));
    expect(secrets('SMTP_PASSWORD: "a-long-secret"\nSMTP_HOST: smtp.example.org\nAPI_KEY: short\n')).toEqual([
      'a-long-secret',
    ]);
    expect(secrets('A: [')).toEqual([]);
  });
});
