import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Seed } from '../../../src/instance/new/seed.ts';
import { templateFunctions } from '../../../src/instance/templates/built-in.ts';
import { renderCookiecutter } from '../../../src/instance/templates/cookiecutter.ts';
import { SETTINGS } from '../given.ts';
import { FIXTURE, readTemplate } from './given.ts';

type Texts = Readonly<Record<string, string>>;

/** A Python that has cookiecutter: `scripts/install-cookiecutter.sh` makes one. */
const python = process.env.TEST_COOKIECUTTER_PYTHON || 'python3';
/** Another template to compare, such as a checkout of the one that an operator uses. */
const directory = process.env.TEST_COOKIECUTTER_TEMPLATE || FIXTURE;
const isThere = spawnSync(python, ['-c', 'import cookiecutter']).status === 0;

const SCRIPT = `
import json, os, pathlib, sys
from cookiecutter.main import cookiecutter
template, output, answers = sys.argv[1:]
project = cookiecutter(template, no_input=True, extra_context=json.loads(answers), output_dir=output, default_config=True)
files = {str(p.relative_to(project)): p.read_bytes().hex() for p in pathlib.Path(project).rglob('*') if p.is_file()}
print(json.dumps(files))`;

/** The files that cookiecutter makes, by path. */
async function cookiecutter(answers: Texts, variables: Texts): Promise<Record<string, string>> {
  const output = await mkdtemp(path.join(tmpdir(), 'launchpad-cookiecutter-'));
  try {
    const env = { PATH: process.env.PATH ?? '', HOME: output, PYTHONDONTWRITEBYTECODE: '1', ...variables };
    const args = ['-c', SCRIPT, directory, output, JSON.stringify(answers)];
    const { stdout, stderr, status } = spawnSync(python, args, { encoding: 'utf8', env });
    if (status !== 0) throw new Error(stderr);
    const files: Record<string, string> = JSON.parse(stdout);
    return texts(Object.entries(files).map(([file, hex]) => [file, Buffer.from(hex, 'hex')]));
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

async function ours(answers: Texts, variables: Texts): Promise<Record<string, string>> {
  const settings = { ...SETTINGS, templateEnvironment: new Map(Object.entries(variables)) };
  const files = renderCookiecutter({
    template: await readTemplate(directory),
    name: answers.instance_name ?? '',
    answers: new Map(Object.entries(answers)),
    functions: templateFunctions(settings, Seed.random(), null),
  });
  return texts([...files]);
}

/** What is made up differs: passwords of hex digits, and the seven of the bucket. */
function texts(files: readonly (readonly [string, Uint8Array])[]): Record<string, string> {
  return Object.fromEntries(
    files.map(([file, bytes]) => [
      file,
      Buffer.from(bytes)
        .toString('utf8')
        .replaceAll(/(PASSWORD: ")[0-9a-f]{32,}/g, '$1made-up')
        .replaceAll(/((?:BUCKET_NAME|STORAGE_BUCKET): ".*-)[0-9a-f]{7}"/g, '$1made-up"'),
    ]),
  );
}

(isThere ? describe : describe.skip)(
  isThere ? 'cookiecutter itself' : 'cookiecutter is not there, so nothing could be compared with it',
  () => {
    it.each<[string, Texts, Texts]>([
      ['nothing but a name', { instance_name: 'my-school' }, {}],
      [
        'every answer and variable',
        {
          instance_name: 'my-school',
          platform_name: 'ignored',
          platform_description: 'Школа "A" & Co',
          platform_version: 'release/other',
          cluster_repository: 'git@github.com:example-org/cluster.git',
          cluster_repository_branch: 'clusters/main',
          cluster_repository_owner: 'example-org',
          cluster_repository_name: 'cluster',
          size: 'large',
          forum: 'no',
        },
        {
          LAUNCHPAD_CLUSTER_DOMAIN: 'example.org',
          LAUNCHPAD_ENVIRONMENT: 'production',
          LAUNCHPAD_DOCKER_REGISTRY: 'ghcr.io',
          LAUNCHPAD_DOCKER_REGISTRY_CREDENTIALS: 'Ym90OnB3',
          LAUNCHPAD_MYSQL_HOST: 'mysql.example.org',
          LAUNCHPAD_MYSQL_PORT: '3307',
          LAUNCHPAD_STORAGE_TYPE: 'spaces',
          LAUNCHPAD_STORAGE_REGION: 'ams3',
        },
      ],
      ['AWS', { instance_name: 'a' }, { LAUNCHPAD_STORAGE_TYPE: 's3', LAUNCHPAD_STORAGE_REGION: 'us-east-1' }],
    ])(
      'makes the same files of %s',
      async (_, answers, variables) => {
        const theirs = await cookiecutter(answers, variables);
        expect(Object.keys(theirs).length).toBeGreaterThan(1);
        expect(await ours(answers, variables)).toEqual(theirs);
      },
      120_000,
    );
  },
);
