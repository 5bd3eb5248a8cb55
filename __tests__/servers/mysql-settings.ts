import { Seed } from '../../src/instance/new/seed.ts';
import { unique } from '../provisioners/test-pod.ts';
import type { RealMysql } from './real-mysql.ts';

/** What provisioning reports of a database and a user of that name. */
const states = (name: string, state: string) => ({ [`MySQL database ${name}`]: state, [`MySQL user ${name}`]: state });

/** Settings of a server that make it another one, and each is put back. */
export function describeSettings(server: RealMysql): void {
  const { clientHost, isMariadb, run, sql, withGlobals } = server;

  /** A database and a user come to be, log in, stay as they are, and go. */
  async function lives(name: string, others: Readonly<Record<string, string>> = {}): Promise<void> {
    const first = await run(name, others);
    expect(first.output).not.toContain('"error"');
    expect(first.states).toEqual(states(name, 'created'));
    expect((await run(name, others)).states).toEqual(states(name, 'unchanged'));
    expect((await run(name, { ...others, OPERATION: 'deprovision' })).states).toEqual(states(name, 'deleted'));
    expect((await run(name, { ...others, OPERATION: 'deprovision' })).states).toEqual(states(name, 'absent'));
  }

  type Variables = Readonly<Record<string, string>>;
  const settings: readonly (readonly [string, Variables, Variables])[] = [
    ['sql_mode=ANSI_QUOTES', { sql_mode: 'ANSI_QUOTES' }, {}],
    ['sql_mode=NO_BACKSLASH_ESCAPES', { sql_mode: 'NO_BACKSLASH_ESCAPES' }, {}],
    ['sql_quote_show_create=OFF', { sql_quote_show_create: '0' }, {}],
  ];
  const ofMysql: typeof settings = [
    ['sql_require_primary_key=ON', { sql_require_primary_key: '1' }, {}],
    ['require_secure_transport=ON', { require_secure_transport: '1' }, { MYSQL_SSL_MODE: 'required' }],
  ];
  it.each([...settings, ...(isMariadb ? [] : ofMysql)])('works with %s', async (_, globals, others) => {
    await withGlobals(globals, () => lives(`a_b_${unique('set')}`, others));
  });

  it('finds again a database whose name has capitals', async () => {
    await lives(`School_${unique('A')}`);
  });

  it.each(isMariadb ? ['disabled', 'preferred'] : ['disabled', 'preferred', 'required'])(
    'lets the admin and the user in with mysql-ssl-mode %s, by the whole exchange of the login plugin too',
    async (mode) => {
      const name = unique('plugin');
      const others = { MYSQL_SSL_MODE: mode };
      // Forgets what caching_sha2_password has cached: without TLS the password is encrypted by the server's RSA key then.
      await sql('FLUSH PRIVILEGES');
      expect((await run(name, others)).states).toEqual(states(name, 'created'));
      await sql('FLUSH PRIVILEGES');
      expect((await run(name, others)).states).toEqual(states(name, 'unchanged'));
      const plugin = isMariadb ? 'mysql_native_password' : 'caching_sha2_password';
      const accounts = `SELECT plugin FROM mysql.user WHERE User IN ('${name}', '${server.adminUser}')`;
      expect(await sql(accounts)).toEqual([{ plugin }, { plugin }]);
    },
  );

  it('takes passwords that a run makes where a policy wants lower, upper, digit and sign, and names it for another', async () => {
    const [on, off] = isMariadb
      ? ["INSTALL SONAME 'simple_password_check'", "UNINSTALL SONAME 'simple_password_check'"]
      : [
          "INSTALL COMPONENT 'file://component_validate_password'",
          "UNINSTALL COMPONENT 'file://component_validate_password'",
        ];
    await sql(on);
    try {
      if (!isMariadb) await sql("SET GLOBAL validate_password.policy = 'STRONG'");
      await lives(unique('policy'), { MYSQL_PASSWORD: Seed.random().password('MYSQL_PASSWORD') });
      expect((await run(unique('policy'), { MYSQL_PASSWORD: 'without-digits' })).error).toMatchObject({
        code: 'mysql-password-policy',
        message: expect.stringContaining('Your password does not satisfy the current policy requirements'),
        hint: expect.stringContaining('Set MYSQL_PASSWORD'),
      });
    } finally {
      await sql(off);
    }
  });

  /** An admin of an account that is made so; the rest of the statement comes after its name. */
  async function errorOf(account: string, others: Readonly<Record<string, string>> = {}) {
    const user = unique('adm').slice(0, 32);
    await sql(`CREATE USER '${user}'@'%' ${account}`, `GRANT CREATE, CREATE USER ON *.* TO '${user}'@'%'`);
    const asUser = { MYSQL_ADMIN_USER: user, MYSQL_ADMIN_PASSWORD: 'admin-password', ...others };
    return (await run(unique('x'), asUser)).error;
  }

  it.each([
    ['that is locked', "BY 'admin-password' ACCOUNT LOCK", {}, 'mysql-account-locked', /ACCOUNT UNLOCK/],
    ['whose password has expired', "BY 'admin-password' PASSWORD EXPIRE", {}, 'mysql-password-expired', /ALTER USER/],
    [
      'that may do few statements an hour',
      "BY 'admin-password' WITH MAX_QUERIES_PER_HOUR 1",
      {},
      'mysql-account-limit',
      /Raise the limit/,
    ],
  ])('names an admin %s', async (_, account, others, code, hint) => {
    expect(await errorOf(`IDENTIFIED ${account}`, others)).toMatchObject({ code, hint: expect.stringMatching(hint) });
  });

  it('names an admin who needs TLS, and a server that does', async () => {
    const disabled = { MYSQL_SSL_MODE: 'disabled' };
    expect(await errorOf("IDENTIFIED BY 'admin-password' REQUIRE SSL", disabled)).toMatchObject({
      code: 'mysql-access-denied',
      hint: expect.stringContaining('mysql-ssl-mode'),
    });
    if (isMariadb) return;
    await withGlobals({ require_secure_transport: '1' }, async () => {
      expect((await run(unique('x'), disabled)).error).toMatchObject({
        code: 'mysql-tls-needed',
        hint: expect.stringContaining('mysql-ssl-mode'),
      });
    });
  });

  it('names an admin who logs in by the socket', async () => {
    const plugin = isMariadb ? 'VIA unix_socket' : 'WITH auth_socket';
    if (!isMariadb) await sql("INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'");
    try {
      expect(await errorOf(`IDENTIFIED ${plugin}`)).toMatchObject({
        code: 'mysql-no-password-login',
        hint: expect.stringContaining('IDENTIFIED BY'),
      });
    } finally {
      if (!isMariadb) await sql('UNINSTALL PLUGIN auth_socket');
    }
  });

  it('names a login plugin that the server, or the client, does not have', async () => {
    const user = unique('plugin');
    await sql(`CREATE USER '${user}'@'%' IDENTIFIED BY 'admin-password'`);
    await sql(
      isMariadb
        ? `UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.plugin', 'no_such') WHERE User = '${user}'`
        : `UPDATE mysql.user SET plugin = 'no_such' WHERE User = '${user}'`,
      'FLUSH PRIVILEGES',
    );
    const asUser = { MYSQL_ADMIN_USER: user, MYSQL_ADMIN_PASSWORD: 'admin-password' };
    expect((await run(unique('x'), asUser)).error).toMatchObject({
      code: 'mysql-auth-plugin',
      message: expect.stringContaining("Plugin 'no_such' is not loaded"),
    });
    if (!isMariadb) return;
    await sql("INSTALL SONAME 'auth_ed25519'");
    try {
      expect(await errorOf("IDENTIFIED VIA ed25519 USING PASSWORD('admin-password')")).toMatchObject({
        code: 'mysql-auth-plugin',
        message: expect.stringMatching(/the login plugin client_ed25519, which this client does not have\.$/),
      });
    } finally {
      await sql("UNINSTALL SONAME 'auth_ed25519'");
    }
  });

  it('names a server that takes no writes', async () => {
    await withGlobals({ read_only: '1' }, async () => {
      const user = unique('managed');
      await sql(`CREATE USER '${user}'@'%' IDENTIFIED BY 'admin-password'`);
      await sql(`GRANT CREATE, CREATE USER ON *.* TO '${user}'@'%'`);
      const asManaged = { MYSQL_ADMIN_USER: user, MYSQL_ADMIN_PASSWORD: 'admin-password', DEADLINE_SECONDS: '9' };
      expect((await run(unique('x'), asManaged)).error).toMatchObject({
        code: 'mysql-read-only',
        message: expect.stringContaining('(error 1290)'),
        hint: expect.stringContaining('takes writes'),
      });
    });
  });

  it('leaves an account for a narrower host that has the password, and finds it in order the next time', async () => {
    const name = unique('narrow');
    await sql(`CREATE USER '${name}'@'${clientHost}' IDENTIFIED BY 'one-password'`);
    const others = { MYSQL_PASSWORD: 'one-password' };
    expect((await run(name, others)).states).toEqual(states(name, 'created'));
    expect((await run(name, others)).states).toEqual(states(name, 'unchanged'));
    expect(await sql(`SELECT Host FROM mysql.user WHERE User = '${name}' ORDER BY Host`)).toHaveLength(2);
  });
}
