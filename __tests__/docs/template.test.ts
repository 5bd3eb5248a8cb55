import { readFile } from 'node:fs/promises';
import { load } from 'js-yaml';
import { fieldsOf } from '../../src/core/fields.ts';
import { answersOf } from '../../src/instance/new/new-files.ts';
import { PLAIN_NEW_INSTANCE } from '../../src/instance/new/options.ts';
import { applicationContext, configContext, renderConfig } from '../../src/instance/templates/built-in.ts';
import { fixedSeed, SETTINGS, text } from '../instance/given.ts';

const document = await readFile('docs/template.md', 'utf8');
const REQUEST = {
  name: 'school',
  settings: SETTINGS,
  seed: fixedSeed(),
  hosted: { owner: 'example-org', name: 'cluster' },
  repositoryUrl: 'git@github.com:example-org/cluster.git',
  branch: 'main',
  newInstance: {
    ...PLAIN_NEW_INSTANCE,
    values: { platformName: 'a', edxPlatformRepository: 'b', edxPlatformVersion: 'c', tutorVersion: 'd' },
  },
};

/** The cells of each row whose first one is code. */
const rows = document.split('\n').flatMap((line) => {
  const cells = line.split('|').map((cell) => cell.trim());
  return cells[1]?.startsWith('`') ? [cells.slice(1, -1)] : [];
});

function variablesIn(file: string): string[] {
  return rows.flatMap(([name = '', where = '']) =>
    /^`[a-z]\w*`$/.test(name) && [file, 'both'].includes(where.replaceAll('`', '')) ? name.replaceAll('`', '') : [],
  );
}

describe('docs/template.md', () => {
  it('has the variables of a plain template, each in the file that has it, and no other', () => {
    expect(variablesIn('config.yml').sort()).toEqual(Object.keys(configContext(REQUEST)).sort());
    expect(variablesIn('application.yml').sort()).toEqual(Object.keys(applicationContext(REQUEST)).sort());
  });

  it('has the variables of a cookiecutter template, and no other', () => {
    const named = rows.flatMap(([name = '']) => [...name.matchAll(/^`cookiecutter\.(\w+)`$/g)].map(([, one]) => one));
    const answers = answersOf(REQUEST, { name: 'https://example.org/templates.git', version: 'v1' });
    expect(named).toEqual([...answers.keys()]);
  });

  /** Keys of Launchpad's template at da808c0 (https://github.com/open-craft/launchpad-cluster-template). */
  const LAUNCHPAD = `MFE_DOCKER_IMAGE DOCKER_IMAGE_OPENEDX DOCKER_IMAGE_OPENEDX_DEV DOCKER_REGISTRY DRYDOCK_INIT_JOBS
    DRYDOCK_INIT_JOBS_EXCLUDED DRYDOCK_REGISTRY_CREDENTIALS K8S_NAMESPACE TUTOR_APP_NAME TUTOR_VERSION PLATFORM_NAME
    EDX_PLATFORM_REPOSITORY EDX_PLATFORM_VERSION OPENEDX_EXTRA_PIP_REQUIREMENTS ENABLE_HTTPS ENABLE_WEB_PROXY LMS_HOST CMS_HOST
    PREVIEW_LMS_HOST RUN_MYSQL MYSQL_DATABASE MYSQL_USERNAME MYSQL_PASSWORD MYSQL_HOST MYSQL_PORT RUN_MONGODB MONGODB_DATABASE
    MONGODB_USERNAME MONGODB_PASSWORD MONGODB_HOST MONGODB_PORT MONGODB_USE_SSL MONGODB_AUTH_MECHANISM MONGODB_AUTH_SOURCE
    MONGODB_REPLICA_SET FORUM_MONGODB_DATABASE STORAGE_BUCKET_NAME STORAGE_TYPE STORAGE_REGION STORAGE_ENDPOINT_URL
    PICASSO_EXTRA_COMMANDS`.split(/\s+/);

  it("says of each key of Launchpad's template and of the action's what became of it", async () => {
    const template = await readFile('templates/instance/config.yml', 'utf8');
    const own = load(text(renderConfig({ ...REQUEST, template, templateName: 'config.yml' })));
    const patterns = rows
      .flatMap(([keys = '']) => [...keys.matchAll(/`([A-Z][A-Z0-9_*]+)`/g)])
      .map(([, key = '']) => new RegExp(`^${key.replace('*', '\\w+')}$`));
    const keys = [...LAUNCHPAD, ...Object.keys(fieldsOf(own))];
    expect(keys.filter((key) => !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
  });
});
