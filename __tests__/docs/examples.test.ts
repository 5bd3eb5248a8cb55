import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { Input } from '../../src/inputs/input.ts';
import { ALL_INPUTS } from '../../src/inputs/inputs.ts';
import { ALL_SETTINGS } from '../../src/inputs/settings.ts';
import {
  ACTION,
  actionSteps,
  actionStepsIn,
  type Declared,
  type Example,
  jobsOf,
  readExamples,
  type Use,
  yamlBlocks,
} from './workflow.ts';

const examples = await readExamples();
const ALL: readonly Input[] = [...ALL_INPUTS, ...ALL_SETTINGS];
const action: { inputs: Record<string, Declared>; outputs: object } = parse(await readFile('action.yml', 'utf8'));

/** The inputs of a step that the action does not have. */
function unknownInputs({ with: values = {} }: Use): string[] {
  return Object.keys(values).filter((name) => !(name in action.inputs));
}

/** What is given that is not declared, and what is required but not given. */
function mismatch(declared: Readonly<Record<string, Declared>>, given: object = {}): string[] {
  const required = Object.keys(declared).filter((name) => declared[name]?.required === true);
  return [
    ...Object.keys(given).filter((name) => !(name in declared)),
    ...required.filter((name) => !(name in given)).map((name) => `${name} is missing`),
  ];
}

function referencesOf(text: string, pattern: RegExp): string[][] {
  return [...text.matchAll(pattern)].map(([, ...names]) => names);
}

it('there is an example for each way in and out', () => {
  const triggers = new Set(examples.flatMap(({ workflow }) => Object.keys(workflow.on)));
  expect([...triggers].sort()).toEqual(['pull_request', 'push', 'workflow_call', 'workflow_dispatch']);
});

it('README.md beside the examples has a row for each, and no other', async () => {
  const readme = await readFile('docs/examples/README.md', 'utf8');
  const rows = referencesOf(readme, /^\| \[(?:[\w.-]+)\]\(([\w.-]+\.yml)\)/gm).flat();
  expect(rows.toSorted()).toEqual(examples.map(({ file }) => file));
});

describe.each(examples.map((example): [string, Example] => [example.file, example]))('%s', (_, example) => {
  const { text, workflow } = example;

  it('is one workflow, whose jobs run the action or call a workflow that does', () => {
    expect(workflow.name).toMatch(/\S/);
    for (const job of jobsOf(example)) {
      expect(job.uses ?? actionSteps(job).map(({ uses }) => uses)).toEqual(job.uses ?? [ACTION]);
    }
  });

  it('gives the action inputs that it has', () => {
    expect(jobsOf(example).flatMap(actionSteps).flatMap(unknownInputs)).toEqual([]);
  });

  it('gives a setting the variable or the secret of its name', () => {
    for (const values of jobsOf(example).flatMap(actionSteps)) {
      for (const { input, variables = [] } of ALL) {
        const named = referencesOf(String(values.with?.[input] ?? ''), /(?:secrets|vars)\.(LAUNCHPAD_\w+)/g).flat();
        expect(variables).toEqual(expect.arrayContaining(named));
      }
    }
  });

  it('reads outputs that there are', () => {
    for (const job of jobsOf(example)) {
      const inJob = JSON.stringify(job);
      for (const [id = '', output = ''] of referencesOf(inJob, /steps\.([\w-]+)\.outputs\.([\w-]+)/g)) {
        const step = job.steps?.find((candidate) => candidate.id === id);
        expect(step).toBeDefined();
        if (step?.uses === ACTION) expect(Object.keys(action.outputs)).toContain(output);
      }
    }
    for (const { value } of Object.values(workflow.on.workflow_call?.outputs ?? {})) {
      for (const [job = '', output = ''] of referencesOf(value, /jobs\.([\w-]+)\.outputs\.([\w-]+)/g)) {
        expect(Object.keys(workflow.jobs[job]?.outputs ?? {})).toContain(output);
      }
    }
  });

  it('takes each secret from a secret, and has none in it', () => {
    const secret = ALL.filter(({ secret: kind }) => kind !== undefined).map(({ input }) => input);
    for (const { with: values = {} } of jobsOf(example).flatMap(actionSteps)) {
      for (const input of secret) {
        if (input in values) expect(values[input]).toMatch(/^\$\{\{ secrets\.[A-Z_]+(?: \|\| secrets\.[A-Z_]+)* \}\}$/);
      }
    }
    expect(text).not.toMatch(/-----BEGIN|dop_v1_|ghp_|AKIA/);
  });

  it('asks for no more than it needs, and for what the push and the comment need', () => {
    const granted = jobsOf(example).map(({ permissions }) => permissions ?? workflow.permissions);
    const onPullRequests = 'pull_request' in workflow.on ? { 'pull-requests': 'write' } : {};
    const forTokens = text.includes('aws-actions/') ? { 'id-token': 'write' } : {};
    for (const permissions of granted) {
      expect(permissions).toEqual({ contents: 'write', ...onPullRequests, ...forTokens });
    }
    expect(workflow.permissions).toBeDefined();
  });

  it('is never cancelled by a newer run', () => {
    expect(text).not.toContain('cancel-in-progress: true');
  });

  it('skips pull requests of forks and of Dependabot', () => {
    if (!('pull_request' in workflow.on)) return;
    for (const job of jobsOf(example)) {
      expect(job.if).toContain('github.event.pull_request.head.repo.full_name == github.repository');
      expect(job.if).toContain("github.event.pull_request.user.login != 'dependabot[bot]'");
    }
    expect(workflow.on).not.toHaveProperty('pull_request_target');
  });

  it('uses other actions by a full commit or a major version, and puts no expression into a shell', () => {
    for (const { uses, run = '' } of jobsOf(example).flatMap(({ steps = [] }) => steps)) {
      if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@(?:[0-9a-f]{40}|v\d+)$/);
      expect(run).not.toContain('${{');
    }
  });

  it('calls a workflow with the inputs and the secrets that this declares', () => {
    for (const { uses, with: values, secrets } of jobsOf(example)) {
      if (uses === undefined) continue;
      const called = examples.find(({ file }) => uses === `./.github/workflows/${file}`);
      const declared = called?.workflow.on.workflow_call;
      expect(declared).toBeDefined();
      expect(mismatch(declared?.inputs ?? {}, values)).toEqual([]);
      expect(mismatch(declared?.secrets ?? {}, secrets)).toEqual([]);
    }
  });
});

describe.each([
  'README.md',
  'docs/dry-run.md',
  'docs/several-instances.md',
  'docs/pull-requests.md',
  'docs/deprovision.md',
  'docs/after-a-run.md',

  'docs/examples/README.md',
  'docs/migration.md',
])('the YAML in %s', (page) => {
  it('gives the action inputs that it has', async () => {
    const steps = yamlBlocks(await readFile(page, 'utf8')).flatMap(actionStepsIn);
    expect(steps).not.toEqual([]);
    expect(steps.flatMap(unknownInputs)).toEqual([]);
  });
});

/**
 * What Launchpad's own workflows take when they are dispatched, and the secrets that they pass on, on main at da808c0 and on
 * its branch for AWS (https://github.com/open-craft/launchpad-cluster-template).
 */
const LAUNCHPAD = {
  'create-instance.yml': {
    required: 'INSTANCE_NAME',
    inputs:
      'INSTANCE_NAME PLATFORM_NAME INSTANCE_TEMPLATE_REPOSITORY INSTANCE_TEMPLATE_VERSION EDX_PLATFORM_REPOSITORY ' +
      'EDX_PLATFORM_VERSION TUTOR_VERSION LAUNCHPAD_CLI_VERSION RUNNER_WORKFLOW_LABEL',
    secrets:
      'DOCKER_REGISTRY_CREDENTIALS MYSQL_HOST MYSQL_PORT MYSQL_ROOT_USER MYSQL_ROOT_PASSWORD MONGODB_HOST MONGODB_PORT ' +
      'MONGODB_PROVIDER MONGODB_CLUSTER_ID MONGODB_REPLICA_SET MONGODB_AUTH_SOURCE DIGITALOCEAN_TOKEN STORAGE_TYPE ' +
      'STORAGE_REGION STORAGE_ACCESS_KEY_ID STORAGE_SECRET_ACCESS_KEY ATLAS_PUBLIC_KEY ATLAS_PRIVATE_KEY ' +
      'ATLAS_PROJECT_ID ATLAS_CLUSTER_NAME',
  },
  'delete-instance.yml': {
    required: 'INSTANCE_NAME',
    inputs: 'INSTANCE_NAME LAUNCHPAD_CLI_VERSION LAUNCHPAD_OPENCRAFT_MANIFESTS_VERSION RUNNER_WORKFLOW_LABEL',
    secrets:
      'MYSQL_HOST MYSQL_PORT MYSQL_ROOT_USER MYSQL_ROOT_PASSWORD MYSQL_PROVIDER MYSQL_CLUSTER_ID MONGODB_HOST ' +
      'MONGODB_PORT MONGODB_PROVIDER MONGODB_CLUSTER_ID DIGITALOCEAN_TOKEN STORAGE_TYPE STORAGE_REGION ' +
      'STORAGE_ACCESS_KEY_ID STORAGE_SECRET_ACCESS_KEY ATLAS_PUBLIC_KEY ATLAS_PRIVATE_KEY ATLAS_PROJECT_ID ' +
      'ATLAS_CLUSTER_NAME',
  },
  'update-instance.yml': {
    required: 'INSTANCE_NAME CONFIG',
    inputs: 'INSTANCE_NAME CONFIG RUNNER_WORKFLOW_LABEL',
    // That commits and no more; this also provisions, as when the instance is created.
    secrets: 'MYSQL_ROOT_USER MYSQL_ROOT_PASSWORD DIGITALOCEAN_TOKEN STORAGE_ACCESS_KEY_ID STORAGE_SECRET_ACCESS_KEY',
  },
};

describe.each(Object.entries(LAUNCHPAD))("%s, in place of Launchpad's", (file, { inputs, required, secrets }) => {
  const example = examples.find((one) => one.file === file);
  const declared = example?.workflow.on.workflow_dispatch?.inputs ?? {};

  it('is dispatched with what that takes: an input that is not declared is answered 422', () => {
    expect(Object.keys(declared)).toEqual(expect.arrayContaining(inputs.split(' ')));
    const needed = Object.entries(declared).filter(([, input]) => input.required === true);
    expect(needed.map(([name]) => name)).toEqual(required.split(' '));
  });

  it('passes on the secrets that that passes on, and those for a server or a bucket elsewhere', () => {
    const used = referencesOf(example?.text ?? '', /secrets\.LAUNCHPAD_(\w+)/g).flat();
    const elsewhere = ['MONGODB_ADMIN_USER', 'MONGODB_ADMIN_PASSWORD', 'STORAGE_HOST'];
    expect(used).toEqual(expect.arrayContaining([...secrets.split(' '), ...elsewhere]));
    expect(example?.text).toContain('secrets.KUBECONFIG_CONTENT');
  });
});
