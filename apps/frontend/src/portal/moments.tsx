const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const MINUTE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

interface MomentProps {
  readonly moment: Date;
}

export function Day({ moment }: MomentProps) {
  return <Moment moment={moment} text={DAY.format(moment)} />;
}

export function Minute({ moment }: MomentProps) {
  return <Moment moment={moment} text={`${MINUTE.format(moment)} UTC`} />;
}

function Moment({ moment, text }: MomentProps & { readonly text: string }) {
  const iso = moment.toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {text}
    </time>
  );
}
