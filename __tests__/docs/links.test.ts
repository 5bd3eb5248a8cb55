import { anchorsOf, brokenLinks, missingPaths } from '../../scripts/check-links.ts';

const FILES: Readonly<Record<string, string>> = {
  'README.md': '# Title\n## What it does, and `how`\n## Twice\n## Twice\n```sh\n# no heading\n```\n',
  'docs/other.md': '# Other page\n',
  'docs/rbac.yml': '',
};

const broken = (text: string) => brokenLinks('docs/page.md', `# Page\n${text}\n`, (file) => FILES[file]);

it('names headings as GitHub does', () => {
  const headings = '## [Linked](x.md) text\n## Störung: "a/b" & c_d\n';
  expect([...anchorsOf(`${FILES['README.md']}${headings}`)]).toEqual([
    'title',
    'what-it-does-and-how',
    'twice',
    'twice-1',
    'linked-text',
    'störung-ab--c_d',
  ]);
});

it.each([
  '[file](other.md)',
  '[heading](../README.md#twice-1)',
  '[here](#page)',
  '[not Markdown](rbac.yml#L3)',
  '[outside](https://example.org/x#y), [mail](mailto:a@example.org)',
  '`[code](missing.md)`',
  '```\n[fence](missing.md)\n```',
])('%j leads somewhere', (text) => {
  expect(broken(text)).toEqual([]);
});

it.each([
  ['[a](missing.md)', 'docs/page.md:2: missing.md: there is no docs/missing.md'],
  ['[a](other.md "title") [b](missing.md "title")', 'docs/page.md:2: missing.md: there is no docs/missing.md'],
  ['\n![a](<gone.png>)', 'docs/page.md:3: gone.png: there is no docs/gone.png'],
  ['<a href="missing.md">a</a>', 'docs/page.md:2: missing.md: there is no docs/missing.md'],
  ['[a](../README.md#no-heading)', 'docs/page.md:2: ../README.md#no-heading: README.md has no such heading'],
  ['[a](#elsewhere)', 'docs/page.md:2: #elsewhere: docs/page.md has no such heading'],
])('%j is named with its line', (text, line) => {
  expect(broken(text)).toEqual([line]);
});

describe('a path in code', () => {
  const missing = (text: string) => missingPaths('docs/page.md', text, (file) => file in FILES || file === 'docs/');

  it.each([
    '`docs/other.md`',
    '`docs/other.md:7` and `docs/other.md#L7`',
    '`docs/`',
    '`dist/main/index.js`, `instances/<name>/`, `docs/*.md`',
    '```sh\nscripts/gone.sh\n```',
  ])('%j is one of the repository', (text) => {
    expect(missing(text)).toEqual([]);
  });

  it.each([
    ['`docs/gone.md`', 'docs/page.md:1: there is no docs/gone.md'],
    ['\n`bash scripts/gone.sh --all`', 'docs/page.md:2: there is no scripts/gone.sh'],
    ['`src/`', 'docs/page.md:1: there is no src/'],
  ])('%j is named with its line', (text, line) => {
    expect(missing(text)).toEqual([line]);
  });
});
