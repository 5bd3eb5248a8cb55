import { Seed } from '../../../src/instance/new/seed.ts';
import { templateFunctions } from '../../../src/instance/templates/built-in.ts';
import { renderCookiecutter } from '../../../src/instance/templates/cookiecutter.ts';
import { SETTINGS } from '../given.ts';
import { FIXTURE, readTemplate, templateOf } from './given.ts';

const DIRECTORY = '{{cookiecutter.instance_name}}';
const seedOf = (byte: number) => Seed.from(new Uint8Array(32).fill(byte));

interface Given {
  readonly context?: object;
  readonly files?: Readonly<Record<string, string>>;
  readonly answers?: Readonly<Record<string, string>>;
}

function render({ context = {}, files = {}, answers = {} }: Given): Record<string, string> {
  const template = templateOf({ 'cookiecutter.json': JSON.stringify({ instance_name: 'x', ...context }), ...files });
  const rendered = renderCookiecutter({
    template,
    name: 'school',
    answers: new Map(Object.entries({ instance_name: 'school', ...answers })),
    functions: templateFunctions(SETTINGS, seedOf(1), null),
  });
  return Object.fromEntries([...rendered].map(([file, bytes]) => [file, Buffer.from(bytes).toString('utf8')]));
}

/** What a text becomes in a template with these variables. */
const text = (source: string, context: object = {}, answers = {}) =>
  render({ context, answers, files: { [`${DIRECTORY}/f`]: source } }).f;

describe('the variables of cookiecutter.json', () => {
  it('are rendered in order, each with those before it', () => {
    expect(text('{{ cookiecutter.b }}', { a: '{{ cookiecutter.instance_name }}!', b: '{{ cookiecutter.a }}?' })).toBe(
      'school!?',
    );
    expect(() => text('', { b: '{{ cookiecutter.a }}', a: 'later' })).toThrow(
      'instance-template/cookiecutter.json cannot be rendered: b: cookiecutter.a is not defined',
    );
  });

  it('are the first of their choices, or the one that is given', () => {
    const context = { size: ['{{ "small" }}', 'large'] };
    expect(text('{{ cookiecutter.size }}', context)).toBe('small');
    expect(text('{{ cookiecutter.size }}', context, { size: 'large' })).toBe('large');
    expect(() => text('', context, { size: 'huge' })).toThrow('takes for size one of {{ "small" }}, large, not "huge"');
  });

  it('keep what is private as it is, and render what has two underscores', () => {
    const context = { _a: '{{ nope }}', __b: '{{ cookiecutter._a | length }}', __prompts__: { x: '{{ nope }}' } };
    expect(text('{{ cookiecutter._a }} {{ cookiecutter.__b }}', context)).toBe('{{ nope }} 10');
  });

  it('may be mappings, which know all others', () => {
    const context = { d: { 'of {{ cookiecutter.z }}': ['{{ cookiecutter.z }}', true] }, z: 'last' };
    expect(text('{{ cookiecutter.d }}', context)).toBe("{'of last': ['last', True]}");
  });

  it('may be called as prototypes are, and stay texts', () => {
    const json = '{"instance_name": "x", "__proto__": "a", "constructor": "b"}';
    const files = { 'cookiecutter.json': json, [`${DIRECTORY}/f`]: '{{ cookiecutter.constructor }}' };
    expect(render({ files }).f).toBe('b');
  });

  it('take answers for themselves only', () => {
    expect(() => text('{{ cookiecutter.more }}', {}, { more: 'x' })).toThrow('cookiecutter.more is not defined');
  });
});

describe('the functions of a template', () => {
  it('make the same passwords of the same seed, in the order of the files', () => {
    const file = '{{ generate_password() }}';
    const rendered = render({
      files: { [`${DIRECTORY}/b`]: file, [`${DIRECTORY}/a/z`]: file, [`${DIRECTORY}/c`]: file },
    });
    const seed = seedOf(1);
    expect(rendered).toEqual({
      b: seed.password('template:1'),
      c: seed.password('template:2'),
      'a/z': seed.password('template:3'),
    });
  });

  it('see of the secrets only those that the instance needs', () => {
    expect(
      text('{{ env("LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY") }} {{ env("LAUNCHPAD_MYSQL_ADMIN_PASSWORD", "-") }}'),
    ).toBe('storage-secret -');
  });

  it('give the endpoint of a storage service', () => {
    const endpoints =
      '{{ storage_endpoint_url("spaces", "ams3") }} {{ storage_endpoint_url("s3", "x") }}|{{ storage_endpoint_url() }}';
    expect(text(endpoints)).toBe('https://ams3.digitaloceanspaces.com |https://s3.example.org');
    expect(() => text('\n{{ storage_endpoint_url("ftp", "x") }}')).toThrow(
      'line 2: storage_endpoint_url(): knows the storage types spaces and s3',
    );
  });
});

describe('the files of a template', () => {
  it('are named by their templates, copied where the template says so, and keep their line ends', async () => {
    const template = await readTemplate(FIXTURE);
    const rendered = renderCookiecutter({
      template,
      name: 'school',
      answers: new Map([['instance_name', 'school']]),
      functions: templateFunctions(SETTINGS, Seed.random(), null),
    });
    const files = Object.fromEntries([...rendered].map(([file, bytes]) => [file, Buffer.from(bytes).toString('utf8')]));
    expect(Object.keys(files)).toEqual([
      'README',
      'application.yml',
      'build.sh',
      'config.yml',
      'verbatim/notes.txt',
      'small/school.ini',
    ]);
    expect(files['small/school.ini']).toBe('size=small\r\nname=school\r\n');
    expect(files['verbatim/notes.txt']).toBe('{{ cookiecutter.instance_name');
    expect(files.README).toBe('no line end: 2');
  });

  it('never lie outside of the instance’s directory', () => {
    for (const name of [
      '{{ ".." }}/f',
      '{{ "/etc/f" }}',
      'a/{{ "../../f" }}',
      '{{ ".git" }}/config',
      '{{ "a\\\\b" }}',
    ]) {
      expect(() => render({ files: { [`${DIRECTORY}/${name}`]: '' } })).toThrow('is not inside of the instance');
    }
  });

  it('have an error with file, line and remedy for a mistake', () => {
    expect(() => text('a\nb\n{{ nope }}')).toThrow(
      expect.objectContaining({
        code: 'template-invalid',
        message: `instance-template/${DIRECTORY}/f cannot be rendered: line 3: nope is not defined`,
        remedy: 'Correct the template there.',
      }),
    );
  });
});

describe('a template is refused', () => {
  it.each<[string, Given, string]>([
    [
      'with extensions that are Python',
      { context: { _extensions: ['a.Own', 'jinja2.ext.i18n'] } },
      'cannot run here: a.Own, jinja2.ext.i18n',
    ],
    ['with hooks', { files: { 'hooks/post_gen_project.py': '' } }, 'are not run here: hooks/post_gen_project.py'],
    [
      'with options of Jinja that change its syntax',
      { context: { _jinja2_env_vars: { block_start_string: '<%' } } },
      'not supported: block_start_string',
    ],
    ['that only leads to others', { context: { templates: {} } }, 'only leads to other templates'],
    [
      'without a directory to render',
      { files: { 'instance/config.yml': '' } },
      'has no directory such as {{cookiecutter.instance_slug}}',
    ],
    [
      'with two of them',
      { files: { '{{cookiecutter.a}}/x': '', '{{cookiecutter.b}}/x': '' } },
      'more than one directory to render',
    ],
    [
      'that names its directory otherwise',
      { files: { 'cookiecutter.json': '{"instance_slug": "demo"}', '{{cookiecutter.instance_slug}}/x': '' } },
      'makes a directory "demo", not "school"',
    ],
    [
      'whose cookiecutter.json is not JSON',
      { files: { 'cookiecutter.json': '{' } },
      'has a cookiecutter.json that is not JSON',
    ],
    ['whose cookiecutter.json is no mapping', { files: { 'cookiecutter.json': '[]' } }, 'is not a mapping'],
  ])('%s', (_, given, message) => {
    expect(() => render(given)).toThrow(
      expect.objectContaining({
        code: 'template-invalid',
        message: expect.stringContaining(message),
        remedy: expect.any(String),
      }),
    );
  });

  it('not for the extensions whose functions are there', () => {
    const names = [
      'extensions.EnvVarExtension',
      'extensions.PasswordExtension',
      'x.StorageExtension',
      'jinja2.ext.loopcontrols',
    ];
    const source = '{% for i in [1, 2, 3] %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}';
    expect(text(source, { _extensions: names })).toBe('13');
  });
});
