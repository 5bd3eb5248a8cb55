import type { Connection, RowDataPacket } from 'mysql2/promise';
import { runPod } from '../provisioners/pod.ts';
import { unique } from '../provisioners/test-pod.ts';
import { describeSettings } from './mysql-settings.ts';
import { realServers } from './real-mysql.ts';

const servers = await realServers();
if (servers.length === 0) it.skip('MySQL or MariaDB: TEST_MYSQL_URL is not set, so this did not run', () => undefined);

for (const server of servers) {
  const { clientHost, host, port, login, task } = server;
  let admin: Connection;
  describe(server.title, () => {
    beforeAll(async () => {
      admin = await login(server.adminUser, server.adminPassword);
    });
    afterAll(async () => {
      await admin.end();
    });

    it('gets a database of utf8mb4 and a user that logs in, and a second run changes nothing', async () => {
      const name = unique('fresh');
      const first = await runPod('mysql', task(name));
      expect(first.output).not.toContain('error');
      expect(first.states).toEqual({ [`MySQL database ${name}`]: 'created', [`MySQL user ${name}`]: 'created' });
      const [rows] = await admin.query<RowDataPacket[]>(
        'SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
        [name],
      );
      expect(rows).toEqual([{ charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' }]);
      const user = await login(name, task(name).MYSQL_PASSWORD ?? '');
      await user.query(`CREATE TABLE \`${name}\`.t (a INT)`);
      await user.end();
      expect((await runPod('mysql', task(name))).states).toEqual({
        [`MySQL database ${name}`]: 'unchanged',
        [`MySQL user ${name}`]: 'unchanged',
      });
    });

    it('grants the one database and none that its name would match as a pattern', async () => {
      const name = `a_b_${Date.now().toString(36)}`;
      const similar = name.replaceAll('_', 'x');
      await admin.query(`CREATE DATABASE \`${similar}\``);
      expect((await runPod('mysql', task(name))).code).toBe(0);
      const user = await login(name, task(name).MYSQL_PASSWORD ?? '');
      await expect(user.query(`USE \`${similar}\``)).rejects.toThrow('Access denied');
      await expect(user.query('SELECT * FROM mysql.user')).rejects.toThrow('denied');
      await expect(user.query('CREATE DATABASE another_one')).rejects.toThrow('denied');
      await user.end();
    });

    it('sets the password of a user that has another, and only then', async () => {
      const name = unique('other');
      await admin.query(`CREATE USER '${name}'@'%' IDENTIFIED BY 'something-else'`);
      const result = await runPod('mysql', task(name));
      expect(result.states[`MySQL user ${name}`]).toBe('updated');
      await (await login(name, task(name).MYSQL_PASSWORD ?? '')).end();
    });

    it('adds the grants that a user lacks, and takes none away', async () => {
      const name = unique('fewer');
      const extra = unique('extra');
      await admin.query(`CREATE DATABASE \`${extra}\``);
      await runPod('mysql', task(name));
      await admin.query(`REVOKE ALL PRIVILEGES ON \`${name}\`.* FROM '${name}'@'%'`);
      await admin.query(`GRANT SELECT ON \`${name}\`.* TO '${name}'@'%'`);
      await admin.query(`GRANT SELECT ON \`${extra}\`.* TO '${name}'@'%'`);
      const result = await runPod('mysql', task(name));
      expect(result.states[`MySQL user ${name}`]).toBe('updated');
      expect(result.output).toContain(`also has SELECT on ${extra}.*: left as it is`);
      const user = await login(name, task(name).MYSQL_PASSWORD ?? '');
      await user.query(`CREATE TABLE \`${name}\`.t (a INT)`);
      await user.query(`USE \`${extra}\``);
      await user.end();
    });

    it('keeps a short password that logs in, and wants one that does not removed', async () => {
      const name = unique('short');
      const short = { MYSQL_PASSWORD: '0123' };
      const absent = await runPod('mysql', task(name, short));
      expect(absent.error).toMatchObject({
        code: 'mysql-password-short',
        hint: expect.stringContaining('Remove MYSQL_PASSWORD'),
      });
      await admin.query(`CREATE USER '${name}'@'%' IDENTIFIED BY '0123'`);
      expect((await runPod('mysql', task(name, short))).code).toBe(0);
    });

    it('says what is wrong with the admin, the port and the server, and no password', async () => {
      const name = unique('wrong');
      const denied = await runPod('mysql', task(name, { MYSQL_ADMIN_PASSWORD: 'hidden-password' }));
      expect(denied.error).toMatchObject({ code: 'mysql-access-denied', host: `${host}:${port}` });
      expect(denied.output).not.toContain('hidden-password');
      const unknown = await runPod('mysql', task(name, { MYSQL_SSL_MODE: 'verify-ca' }));
      expect(unknown.code).toBe(1);
      expect(unknown.error?.code).toMatch(/^mysql-/);
      const weak = unique('weak');
      await admin.query(`CREATE USER '${weak}'@'%' IDENTIFIED BY 'weak-password'`);
      const privileges = await runPod(
        'mysql',
        task(name, { MYSQL_ADMIN_USER: weak, MYSQL_ADMIN_PASSWORD: 'weak-password' }),
      );
      expect(privileges.error).toMatchObject({
        code: 'mysql-privileges',
        hint: expect.stringContaining('GRANT OPTION'),
      });
    });

    it('works with an admin of a managed server, who may neither grant ALL nor read the accounts', async () => {
      const [name, managed] = [unique('rds'), unique('managed')];
      await admin.query(`CREATE USER '${managed}'@'%' IDENTIFIED BY 'managed-password'`);
      const granted =
        'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, LOCK TABLES, CREATE TEMPORARY TABLES, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER';
      await admin.query(`GRANT CREATE USER ON *.* TO '${managed}'@'%'`);
      await admin.query(`GRANT ${granted} ON \`${name}\`.* TO '${managed}'@'%' WITH GRANT OPTION`);
      const asManaged = { MYSQL_ADMIN_USER: managed, MYSQL_ADMIN_PASSWORD: 'managed-password' };
      const first = await runPod('mysql', task(name, asManaged));
      expect(first.output).not.toContain('"error"');
      expect(first.output).toContain(`The admin may not grant all privileges on ${name}`);
      const user = await login(name, task(name).MYSQL_PASSWORD ?? '');
      await user.query(`CREATE TABLE \`${name}\`.t (a INT)`);
      await user.query(`INSERT INTO \`${name}\`.t VALUES (1)`);
      await user.end();
      expect((await runPod('mysql', task(name, asManaged))).states).toEqual({
        [`MySQL database ${name}`]: 'unchanged',
        [`MySQL user ${name}`]: 'unchanged',
      });
    });

    it('names the account for a narrower host that the server takes first', async () => {
      const name = unique('narrow');
      await admin.query(`CREATE USER '${name}'@'${clientHost}' IDENTIFIED BY 'another-password'`);
      expect((await runPod('mysql', task(name))).error).toMatchObject({
        code: 'mysql-other-account',
        hint: expect.stringContaining(`SELECT User, Host FROM mysql.user WHERE User IN ('${name}', '')`),
      });
    });

    it('drops exactly the database and the user at any host, reports other accounts of the name, and runs again to no effect', async () => {
      const name = `a_b_${Date.now().toString(36)}`;
      const [longer, similar] = [`${name}-b`, name.replaceAll('_', 'x')];
      for (const one of [name, longer, similar]) expect((await runPod('mysql', task(one))).code).toBe(0);
      await admin.query(`CREATE TABLE \`${name}\`.t (a INT)`);
      await admin.query(`CREATE USER '${name}'@'10.%' IDENTIFIED BY 'somebody-elses'`);
      const deprovision = { OPERATION: 'deprovision' };
      const first = await runPod('mysql', task(name, deprovision));
      expect(first.states).toEqual({ [`MySQL database ${name}`]: 'deleted', [`MySQL user ${name}`]: 'deleted' });
      expect(first.output).toContain(`User ${name} also exists for host "10.%": left as it is.`);
      const [hosts] = await admin.query<RowDataPacket[]>('SELECT Host FROM mysql.user WHERE User = ?', [name]);
      expect(hosts).toEqual([{ Host: '10.%' }]);
      const [databases] = await admin.query<RowDataPacket[]>('SHOW DATABASES');
      const left = databases.map(({ Database }) => String(Database));
      expect(left).toEqual(expect.arrayContaining([longer, similar]));
      expect(left).not.toContain(name);
      await (await login(longer, task(longer).MYSQL_PASSWORD ?? '')).end();
      expect((await runPod('mysql', task(name, deprovision))).states).toEqual({
        [`MySQL database ${name}`]: 'absent',
        [`MySQL user ${name}`]: 'absent',
      });
    });

    it("drops nothing for an admin who may not, or where a name is the server's own", async () => {
      const [name, weak] = [unique('kept'), unique('weak')];
      await runPod('mysql', task(name));
      await admin.query(`CREATE USER '${weak}'@'%' IDENTIFIED BY 'weak-password'`);
      await admin.query(`GRANT SELECT ON *.* TO '${weak}'@'%'`);
      const deprovision = { OPERATION: 'deprovision' };
      const asWeak = { ...deprovision, MYSQL_ADMIN_USER: weak, MYSQL_ADMIN_PASSWORD: 'weak-password' };
      expect((await runPod('mysql', task(name, asWeak))).error).toMatchObject({ code: 'mysql-privileges' });
      const system = { ...deprovision, MYSQL_DATABASE: 'mysql' };
      expect((await runPod('mysql', task(name, system))).error).toMatchObject({ code: 'mysql-system-name' });
      const user = await login(name, task(name).MYSQL_PASSWORD ?? '');
      await user.query(`USE \`${name}\``);
      await user.end();
    });

    describeSettings(server);
  });
}
