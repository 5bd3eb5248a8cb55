import { headingOf } from '../../src/cluster/workflows/provisioner-causes.ts';
import { mysqlError } from '../../src/provisioners/mysql/errors.ts';

/** An error as the driver throws it. */
const serverError = (errno: number, message: string) => Object.assign(new Error(message), { errno, code: 'ER_X' });

describe('an error of MySQL has its own cause and remedy', () => {
  it.each([
    [1044, 'mysql-privileges', 'privileges missing', 'GRANT OPTION'],
    [1142, 'mysql-privileges', 'privileges missing', 'GRANT OPTION'],
    [1226, 'mysql-account-limit', 'account limit reached', 'Raise the limit'],
    [1290, 'mysql-read-only', 'server is read-only', 'the server that takes writes'],
    [1836, 'mysql-read-only', 'server is read-only', 'the server that takes writes'],
    [1205, 'mysql-locked', 'locked by another connection', 'SHOW FULL PROCESSLIST'],
    [1698, 'mysql-no-password-login', 'account without a password login', 'mysql-admin-user'],
    [1820, 'mysql-password-expired', 'password expired', 'ALTER USER'],
    [1862, 'mysql-password-expired', 'password expired', 'ALTER USER'],
    [3118, 'mysql-account-locked', 'account locked', 'ACCOUNT UNLOCK'],
    [4151, 'mysql-account-locked', 'account locked', 'ACCOUNT UNLOCK'],
    [3159, 'mysql-tls-needed', 'TLS failed', 'mysql-ssl-mode'],
    [1524, 'mysql-auth-plugin', 'login method not supported', 'caching_sha2_password'],
    [1819, 'mysql-password-policy', 'password policy', 'MYSQL_PASSWORD'],
    [1064, 'mysql-failed', 'failed', 'MySQL reference'],
  ])('%i: %s', (errno, code, heading, hint) => {
    const said = 'The server runs with --read-only: no';
    const error = mysqlError(serverError(errno, said), 'db.example.org:3306', 'creating user x');
    expect(error).toMatchObject({ code, host: 'db.example.org:3306' });
    expect(error.message).toMatch(/^MySQL at db\.example\.org:3306: creating user x failed: /);
    expect(error.message).toContain(`${said} (error ${errno}).`);
    expect(error.hint).toContain(hint);
    expect(headingOf(code)).toBe(heading);
  });

  it('another option of the server than read-only is named by the message', () => {
    const said = 'The MySQL server is running with the --skip-grant-tables option so it cannot execute this statement';
    expect(mysqlError(serverError(1290, said), 'db:3306', 'creating user x')).toMatchObject({
      code: 'mysql-failed',
      message: expect.stringContaining('--skip-grant-tables'),
    });
  });

  it('a login method that the client does not know', () => {
    const unknown = Object.assign(
      new Error('Server requests authentication using unknown plugin auth_gssapi_client.'),
      {
        code: 'AUTH_SWITCH_PLUGIN_ERROR',
      },
    );
    expect(mysqlError(unknown, 'db:3306', 'the login of admin')).toMatchObject({
      code: 'mysql-auth-plugin',
      message: expect.stringContaining('auth_gssapi_client'),
      hint: expect.stringContaining('mysql_native_password'),
    });
  });
});
