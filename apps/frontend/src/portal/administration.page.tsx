import { Administration, administers } from './administration';
import { Layout, type PageContext, type SignedIn } from './layout';

interface AdministrationPageProps {
  readonly context: PageContext;
  readonly person: SignedIn;
  /** Where people get their profiles. */
  readonly userUrl: string;
}

/** The start page of a frontend that serves administrators alone. */
export function AdministrationPage({ context, person, userUrl }: AdministrationPageProps) {
  const { name, roles } = person.principal;
  return (
    <Layout context={context} title="Administration">
      <h1>Hello, {name}</h1>
      <p class="lead">
        This is the address for administrators. <a href={`${userUrl}/`}>Your own profiles are elsewhere.</a>
      </p>
      {administers(roles) ? <Administration roles={roles} /> : <p>Your account has no role that administers.</p>}
    </Layout>
  );
}
