import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SERVICES = ['frontend', 'certtransparency'];

/** `SERVICE=frontend npm run migration:create -- create-things`: an empty migration with its place in the order in its name. */
function create(service: string | undefined, name: string | undefined): string {
  if (service === undefined || !SERVICES.includes(service))
    throw new Error(`Set SERVICE to one of ${SERVICES.join(', ')}.`);
  if (name === undefined || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Error('Give the migration a name in kebab-case: npm run migration:create -- create-things');
  }
  const time = String(Date.now());
  const path = join('apps', service, 'src', 'database', 'migrations', `${time}-${name}.ts`);
  if (existsSync(path)) throw new Error(`${path} exists.`);
  const className = name.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase()) + time;
  writeFileSync(path, template(className), { flag: 'wx' });
  return path;
}

function template(className: string): string {
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${className} implements MigrationInterface {
  readonly name = '${className}';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('');
  }
}
`;
}

try {
  const path = create(process.env['SERVICE'], process.argv[2]);
  process.stdout.write(`${path}\nNow write up and down, and add it to the list in migrations.ts.\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
