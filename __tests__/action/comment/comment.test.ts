import nock from 'nock';
import { PullRequestComment } from '../../../src/action/comment/comment.ts';
import { connected, type ListedComment, ROOT, unthrottled } from '../github-api.ts';

const ISSUES = '/repos/org/cluster/issues';
const MARK = '<!-- launchpad-provision Provision/sandbox/ -->';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => nock.restore());

function comment(id: number, body: string): ListedComment {
  const at = '2026-08-01T10:00:00Z';
  const url = `${ROOT}${ISSUES}/comments/${id}`;
  return {
    id,
    node_id: `IC_${id}`,
    url,
    html_url: url,
    issue_url: `${ROOT}${ISSUES}/7`,
    body,
    user: null,
    created_at: at,
    updated_at: at,
    author_association: 'NONE',
  };
}

async function write(
  text: string,
  { key = ['Provision', 'sandbox', ''], onlyUpdate = false, connect = async () => await unthrottled() } = {},
): Promise<void> {
  await new PullRequestComment(await connect(), 7, key).write(text, { onlyUpdate });
}

const listed = (...bodies: string[]) =>
  nock(ROOT)
    .get(`${ISSUES}/7/comments`)
    .query({ per_page: 100 })
    .reply(
      200,
      bodies.map((body, index) => comment(index + 1, body)),
    );
const created = (body: string) => nock(ROOT).post(`${ISSUES}/7/comments`, { body }).reply(201, comment(99, body));
const updated = (id: number, body: string) =>
  nock(ROOT).patch(`${ISSUES}/comments/${id}`, { body }).reply(200, comment(id, body));

describe('the comment', () => {
  it('is made where there is none, and changed where there is', async () => {
    listed('Looks good', `${MARK.replace('sandbox', 'other')}\nof another job`, `Quoting ${MARK}`);
    created(`${MARK}\nfirst`);
    await write('first');

    listed('Looks good', `${MARK}\nfirst`, 'Thanks');
    updated(2, `${MARK}\nsecond`);
    await write('second');
  });

  it('is found beyond the first page', async () => {
    const next = `<${ROOT}${ISSUES}/7/comments?per_page=100&page=2>; rel="next"`;
    const many = Array.from({ length: 100 }, (_, index) => comment(index + 1, 'Looks good'));
    nock(ROOT).get(`${ISSUES}/7/comments`).query({ per_page: 100 }).reply(200, many, { link: next });
    nock(ROOT)
      .get(`${ISSUES}/7/comments`)
      .query({ per_page: 100, page: 2 })
      .reply(200, [comment(101, `${MARK}\nfirst`)]);
    updated(101, `${MARK}\nsecond`);
    await write('second');
  });

  it.each([403, 404])('is made anew where the one that is there may not be changed (%i)', async (status) => {
    listed(`${MARK}\nanother token's`);
    nock(ROOT).patch(`${ISSUES}/comments/1`).reply(status, { message: 'Must have admin rights to Repository.' });
    created(`${MARK}\nnew`);
    await write('new');
    // From then on the new one is changed.
    listed(`${MARK}\nanother token's`, `${MARK}\nnew`);
    updated(2, `${MARK}\nnewer`);
    await write('newer');
  });

  it('is not made a second time because GitHub did not answer', async () => {
    listed(`${MARK}\nfirst`);
    nock(ROOT).patch(`${ISSUES}/comments/1`).times(4).reply(502);
    await expect(write('second', { connect: async () => await connected() })).rejects.toMatchObject({
      code: 'github-unreachable',
    });
  });

  it('is left unmade where there is nothing to say', async () => {
    listed('Looks good');
    await write('nothing to do', { onlyUpdate: true });
  });

  it('has a mark that no name of a workflow ends', async () => {
    listed();
    nock(ROOT)
      .post(
        `${ISSUES}/7/comments`,
        ({ body }: { body: string }) => /^<!-- [^>]* -->\ntext$/.test(body) && !/--.*--.*-->/.test(body.slice(4)),
      )
      .reply(201, {});
    await write('text', { key: ['x --> <b>', 'job', 'a, b'] });
  });
});
