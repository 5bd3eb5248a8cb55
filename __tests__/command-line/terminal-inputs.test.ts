import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TABLES } from '../../src/command-line/tables.ts';
import { type TerminalSources, terminalInputs } from '../../src/command-line/terminal-inputs.ts';
import { clusterAccess } from '../../src/inputs/environment.ts';
import { optionalValue } from '../../src/inputs/input.ts';
import { INPUTS } from '../../src/inputs/inputs.ts';
import { secretsIn } from '../../src/inputs/secrets/masks.ts';
import { SETTINGS } from '../../src/inputs/settings.ts';

const none: ReadonlyMap<string, string> = new Map();
const HOME = path.join(tmpdir(), 'nobody-lives-here');
const inputSource = (sources: Partial<TerminalSources>) =>
  terminalInputs({
    options: none,
    environment: {},
    files: none,
    defaults: none,
    tables: TABLES,
    home: HOME,
    ...sources,
  });
const hostOf = (sources: Partial<TerminalSources>) => optionalValue(SETTINGS.mysqlHost, inputSource(sources));

describe('a setting at a terminal', () => {
  const options = new Map([['mysql-host', 'option.example.org']]);
  const environment = { LAUNCHPAD_MYSQL_HOST: 'environment.example.org' };
  const files = new Map([['LAUNCHPAD_MYSQL_HOST', 'file.example.org']]);

  it('is that of the option, else of the environment, else of a file', () => {
    expect(hostOf({ options, environment, files })).toBe('option.example.org');
    expect(hostOf({ environment, files })).toBe('environment.example.org');
    expect(hostOf({ files })).toBe('file.example.org');
    expect(hostOf({})).toBeUndefined();
  });

  it('that is empty in the environment is that of the file', () => {
    expect(hostOf({ environment: { LAUNCHPAD_MYSQL_HOST: ' ' }, files })).toBe('file.example.org');
  });

  it('has a default of this machine where nothing says otherwise', () => {
    const defaults = new Map([['commit-author-name', 'Ada']]);
    expect(optionalValue(INPUTS.commitAuthorName, inputSource({ defaults }))).toBe('Ada');
    const said = new Map([['commit-author-name', 'Grace']]);
    expect(optionalValue(INPUTS.commitAuthorName, inputSource({ defaults, options: said }))).toBe('Grace');
  });
});

describe('the token for the cluster repository', () => {
  it('comes from a variable of its own, and is a secret', () => {
    const given = inputSource({ environment: { LAUNCHPAD_GITHUB_TOKEN: 'ghp_own', GITHUB_TOKEN: 'ghp_of_others' } });
    expect(optionalValue(INPUTS.githubToken, given)).toBe('ghp_own');
    expect(secretsIn(given)).toContain('ghp_own');
    expect(
      optionalValue(INPUTS.githubToken, inputSource({ environment: { GITHUB_TOKEN: 'ghp_of_others' } })),
    ).toBeUndefined();
  });
});

describe('the kubeconfig', () => {
  it('is that of KUBECONFIG, else the one in the home directory', async () => {
    expect(clusterAccess(inputSource({ environment: { KUBECONFIG: '/a:/b' } })).source).toEqual({
      kind: 'file',
      path: '/a:/b',
    });
    expect(clusterAccess(inputSource({ files: new Map([['KUBECONFIG', '/c']]) })).source).toEqual({
      kind: 'file',
      path: '/c',
    });
    const home = { kind: 'file', path: path.join(HOME, '.kube', 'config') };
    expect(clusterAccess(inputSource({})).source).toEqual(home);
  });

  it('in a pod is the service account, unless there is one at home', async () => {
    const environment = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    expect(clusterAccess(inputSource({ environment })).source).toEqual({ kind: 'in-cluster' });
    const home = await mkdtemp(path.join(tmpdir(), 'launchpad-home-'));
    await mkdir(path.join(home, '.kube'));
    await writeFile(path.join(home, '.kube', 'config'), '');
    expect(clusterAccess(inputSource({ environment, home })).source.kind).toBe('file');
    await rm(home, { recursive: true });
  });
});
