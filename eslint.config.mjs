import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Who may know of whom, left never right (docs/decisions/0001): each layer lists what it may not import. */
const LAYERS = [['config', 'tlog'], ['http', 'database'], ['pki', 'openvpn', 'auth'], ['contracts']];
const NOT_SHIPPED = ['development', 'testing'];

const boundaries = LAYERS.flatMap((layer, position) => {
  const right = [...LAYERS.slice(position + 1).flat(), ...NOT_SHIPPED];
  return layer.map((lib) => ({
    files: [`libs/${lib}/src/**/*.{ts,tsx}`],
    ignores: ['**/*.spec.ts', '**/*.spec.tsx'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: right.map((name) => `@libs/${name}`), message: 'a lib imports only from libs to its left' },
            { group: ['**/apps/**', '**/tools/**'], message: 'libs never import apps or tools' },
          ],
        },
      ],
    },
  }));
});

const APPS = ['frontend', 'signing', 'certtransparency'];
const appBoundaries = APPS.map((app) => ({
  files: [`apps/${app}/src/**/*.{ts,tsx}`],
  ignores: ['**/*.spec.ts', '**/*.spec.tsx', `apps/${app}/src/main.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: APPS.filter((other) => other !== app).map((other) => `**/apps/${other}/**`),
            message: 'apps know each other by libs/contracts alone',
          },
          { group: NOT_SHIPPED.map((name) => `@libs/${name}`), message: 'not part of what is shipped' },
          { group: ['@libs/*/**'], message: 'a lib is imported by its public face' },
          { group: ['**/tools/**'], message: 'apps never import tools' },
        ],
      },
    ],
  },
}));

const ENVIRONMENT = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'configuration is read in libs/config alone',
};

/** The log is written by `audit` alone: nothing else may reach for the gate, or name its function. */
const writeGate = {
  files: ['apps/certtransparency/src/**/*.ts'],
  ignores: [
    'apps/certtransparency/src/audit/**',
    'apps/certtransparency/src/database/**',
    'apps/certtransparency/src/main.ts',
    '**/*.spec.ts',
  ],
  rules: {
    'no-restricted-syntax': [
      'error',
      ENVIRONMENT,
      {
        selector: 'ImportDeclaration[source.value=/audit\\u002f(write-gate|sequencer|fold)$/]',
        message: 'the log is written through AuditLog alone',
      },
      { selector: 'Literal[value=/ct\\.append_entries|INSERT INTO ct/i]', message: 'only audit writes to the log' },
      {
        selector: 'TemplateElement[value.raw=/ct\\.append_entries|INSERT INTO ct/i]',
        message: 'only audit writes to the log',
      },
    ],
  },
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.data/', 'coverage/', 'test/golden/'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Nest modules are classes with a decorator and nothing inside.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowStaticOnly: true }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A DTO property with an initialiser alone is emitted as Object by swc, and is not converted any more.
      '@typescript-eslint/no-inferrable-types': ['error', { ignoreProperties: true }],
      // Nest's options are classes that are meant to be given as literals.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', ENVIRONMENT],
    },
  },
  {
    // The edges that hand the environment in, and everything that is not part of a service.
    files: [
      'apps/*/src/main.ts',
      'ormconfig.ts',
      'libs/{development,testing}/**',
      'tools/**',
      'test/**',
      '**/*.spec.ts',
      '**/*.spec.tsx',
      'apps/*/test/**',
    ],
    rules: { 'no-restricted-syntax': 'off', 'no-console': 'off' },
  },
  {
    files: ['**/*.spec.ts', '**/*.spec.tsx', 'apps/*/test/**', 'test/**', 'libs/testing/**'],
    rules: {
      // supertest bodies are `any`; a test reads what it expects.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  ...boundaries,
  ...appBoundaries,
  writeGate,
  { files: ['eslint.config.mjs', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  prettier,
);
