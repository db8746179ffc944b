import { EnvironmentReader } from '@libs/config';
import { boot } from '@libs/http';
import { Client } from 'pg';
import { provisionLogDatabase } from '../../apps/certtransparency/src/database/provision';

const FRONTEND_DATABASE = 'openvpn_frontend';
const LOG_DATABASE = 'openvpn_ct';

/**
 * `npm run provision`: makes both databases and their roles on a PostgreSQL server, as its superuser. Run it again to
 * change passwords. The services themselves never need the superuser.
 */
async function provision(): Promise<void> {
  const env = new EnvironmentReader(process.env);
  const superuserUrl = env.databaseUrl('PROVISION_SUPERUSER_URL', { sqlite: false });
  const password = (name: string) => env.secret(`PROVISION_${name}_PASSWORD`, { minLength: 16 });
  const frontend = password('FRONTEND');
  const log = {
    migrator: password('CT_MIGRATOR'),
    writer: password('CT_WRITER'),
    reader: password('CT_READER'),
    auditor: password('CT_AUDITOR'),
  };
  env.finish();
  await provisionFrontend(superuserUrl, frontend);
  await provisionLogDatabase(superuserUrl, log, LOG_DATABASE);
  process.stdout.write(`databases ${FRONTEND_DATABASE} and ${LOG_DATABASE} are ready\n`);
}

/** One role that owns its database: the frontend migrates its own schema. */
async function provisionFrontend(superuserUrl: string, password: string): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const role = await client.query("SELECT FROM pg_roles WHERE rolname = 'frontend'");
    if (role.rowCount === 0) await client.query('CREATE ROLE frontend');
    const attributes = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';
    await client.query(`ALTER ROLE frontend WITH ${attributes} PASSWORD ${client.escapeLiteral(password)}`);
    const database = await client.query('SELECT FROM pg_database WHERE datname = $1', [FRONTEND_DATABASE]);
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${FRONTEND_DATABASE} OWNER frontend`);
    await client.query(`REVOKE ALL ON DATABASE ${FRONTEND_DATABASE} FROM PUBLIC`);
  } finally {
    await client.end();
  }
}

void boot('provision', provision);
