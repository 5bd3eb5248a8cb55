import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { startMongodb } from '../../sandbox/databases/mongodb.ts';
import { startMysql } from '../../sandbox/databases/mysql.ts';

const ADMIN = { adminUser: 'boss', adminPassword: 'p"a\\s,s=w' };

describe("the sandbox's MySQL", () => {
  it('checks passwords, keeps users in their databases, and knows only what it knows', async () => {
    const server = await startMysql(ADMIN);
    const login = async (user: string, password: string) =>
      await createConnection({ host: server.host, port: server.port, user, password });
    await expect(login('boss', 'wrong')).rejects.toMatchObject({ errno: 1045 });
    const admin = await login('boss', ADMIN.adminPassword);
    await admin.query('CREATE DATABASE `a_b`');
    await admin.query('CREATE DATABASE `axb`');
    await admin.query("CREATE USER 'u'@'%' IDENTIFIED BY 'pw'");
    await admin.query("GRANT ALL PRIVILEGES ON `a\\_b`.* TO 'u'@'%'");
    await expect(admin.query('SELECT something')).rejects.toMatchObject({ errno: 1064 });
    const user = await login('u', 'pw');
    await user.query('CREATE TABLE `a_b`.`t` (x INT)');
    await expect(user.query('USE `axb`')).rejects.toMatchObject({ errno: 1044 });
    await expect(user.query("CREATE USER 'v'@'%' IDENTIFIED BY 'pw'")).rejects.toMatchObject({ errno: 1227 });
    await Promise.all([admin.end(), user.end()]);
    await server.stop();
  });
});

describe("the sandbox's MongoDB", () => {
  it.each(['SCRAM-SHA-1', 'SCRAM-SHA-256'] as const)(
    'checks passwords by %s, and enforces roles',
    async (authMechanism) => {
      const server = await startMongodb(ADMIN);
      const login = async (username: string, password: string) =>
        await new MongoClient(`mongodb://${server.host}:${server.port}/`, {
          auth: { username, password },
          authSource: 'admin',
          authMechanism,
          directConnection: true,
        }).connect();
      await expect(login('boss', 'wrong')).rejects.toMatchObject({ code: 18 });
      const admin = await login('boss', ADMIN.adminPassword);
      const users = admin.db('admin');
      await users.command({ createUser: 'u', pwd: 'pw', roles: [{ role: 'readWrite', db: 'own' }] });
      await expect(users.command({ createUser: 'u', pwd: 'pw', roles: [] })).rejects.toMatchObject({ code: 51003 });
      await expect(users.command({ grantRolesToUser: 'u', roles: ['nonsense'] })).rejects.toMatchObject({ code: 31 });
      await expect(users.command({ shutdown: 1 })).rejects.toMatchObject({ code: 59 });
      const user = await login('u', 'pw');
      await user.db('own').collection('c').insertOne({ a: 1 });
      expect(await user.db('own').collection('c').find({ a: 1 }).toArray()).toHaveLength(1);
      await expect(user.db('other').collection('c').insertOne({ a: 1 })).rejects.toMatchObject({ code: 13 });
      await expect(user.db('admin').command({ usersInfo: 1 })).rejects.toMatchObject({ code: 13 });
      await Promise.all([admin.close(), user.close()]);
      await server.stop();
    },
  );
});
