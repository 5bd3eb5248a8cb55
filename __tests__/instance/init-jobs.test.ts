import { initJobWarnings } from '../../src/instance/tutor-databases.ts';
import { configOf } from './given.ts';

const warned = (text: string) => initJobWarnings(configOf(text));

describe("the jobs of the databases among drydock's", () => {
  it.each([
    ['no list', 'DRYDOCK_INIT_JOBS: true\n', 'lacks mysql-job and mongodb-job', '["mysql-job","mongodb-job"]'],
    [
      'a list of others',
      'DRYDOCK_INIT_JOBS: yes\nDRYDOCK_INIT_JOBS_EXCLUDED:\n- lms-job\n# mysql-job\n',
      'lacks mysql-job and mongodb-job',
      '["lms-job","mysql-job","mongodb-job"]',
    ],
    [
      'one of the two',
      'DRYDOCK_INIT_JOBS: true\nDRYDOCK_INIT_JOBS_EXCLUDED: [mysql-job]\n',
      'lacks mongodb-job:',
      '["mysql-job","mongodb-job"]',
    ],
    [
      'a text, which drydock ignores',
      'DRYDOCK_INIT_JOBS: true\nDRYDOCK_INIT_JOBS_EXCLUDED: "mysql-job,mongodb-job"\n',
      'is not a list with mysql-job and mongodb-job',
      '["mysql-job","mongodb-job"]',
    ],
    [
      'a text for true',
      'DRYDOCK_INIT_JOBS: "false"\nDRYDOCK_INIT_JOBS_EXCLUDED:\n',
      'lacks mysql-job',
      '"mongodb-job"]',
    ],
  ])('are a warning that says what to set: %s', (_, text, what, list) => {
    const [warning = '', ...others] = warned(text);
    expect(others).toEqual([]);
    expect(warning).toMatch(
      /^instances\/school\/config\.yml: DRYDOCK_INIT_JOBS is set and DRYDOCK_INIT_JOBS_EXCLUDED /,
    );
    expect(warning).toContain(what);
    expect(warning).toContain(list);
  });

  it.each([
    'A: b\n',
    'DRYDOCK_INIT_JOBS: false\n',
    'DRYDOCK_INIT_JOBS:\n',
    'DRYDOCK_INIT_JOBS: true\nDRYDOCK_INIT_JOBS_EXCLUDED: [mongodb-job, "mysql-job", lms-job]\n',
  ])('are left out, or none runs: %j', (text) => expect(warned(text)).toEqual([]));
});
