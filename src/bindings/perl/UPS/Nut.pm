# SPDX-License-Identifier: LGPL-2.1-or-later
package UPS::Nut;

use strict;
use warnings;

use Carp;
use Exporter ();
use IO::Select;
use IO::Socket::IP;
use Time::HiRes ();

use UPS::Nut::AuthConf;

our $VERSION = '1.62';
our @ISA     = qw(Exporter);
our $AUTOLOAD;

# No server sends a line that long; who does is none.
use constant LINE_MAX => 65536;

sub new {
    my ($class, %arg) = @_;
    my $self = bless {}, ref($class) || $class;

    return $self if $self->_initialize(%arg);
    carp "Can't initialize: $self->{err}";
    return undef;
}

sub _initialize {
    my ($self, %arg) = @_;
    my ($user, $pass) = @arg{qw(USERNAME PASSWORD)};

    $self->{name}     = $arg{NAME}    || 'default';
    $self->{timeout}  = $arg{TIMEOUT} || 30;
    $self->{debug}    = $arg{DEBUG}   || 0;
    $self->{debugout} = $arg{DEBUGOUT};
    $self->{buffer}   = '';
    $self->{err}      = '';

    $self->_connect($arg{HOST} || 'localhost', $arg{PORT} || 3493) or return undef;
    $self->_secure(%arg) or return undef;

    if (defined $user && $user ne '' && defined $pass && $pass ne '') {
        my $done = $arg{LOGIN} ? $self->Login($user, $pass) : $self->Authenticate($user, $pass);
        carp $self->{err} unless $done;
    }
    $self->{vars} = $self->ListVar or return undef;
    $self->SetTrackingMode($arg{TRACKING}) if defined $arg{TRACKING};
    return $self;
}

sub _connect {
    my ($self, $host, $port) = @_;

    (my $peer = $host) =~ s/^\[(.*)\]$/$1/;
    $self->{host}    = $peer;
    $self->{srvsock} = IO::Socket::IP->new(
        PeerHost => $peer,
        PeerPort => $port,
        Proto    => 'tcp',
        Timeout  => $self->{timeout},
    );
    return $self->_fail("Unable to connect via tcp to $host:$port: " . ($@ || $!))
        unless $self->{srvsock};
    $self->{srvsock}->blocking(1);
    $self->{select} = IO::Select->new($self->{srvsock});
    return 1;
}

# TLS as far as it is asked for. Returns nothing if it was insisted on, and cannot be had.
sub _secure {
    my ($self, %arg) = @_;
    my $known = $self->_certhost($arg{CERTHOST});

    if ($known) {
        $self->{certname} = $known->[0];
        $arg{CERTVERIFY} = $known->[1] unless defined $arg{CERTVERIFY};
        $arg{FORCESSL} ||= $known->[2];
    }
    return 1 unless $arg{USESSL} || $arg{FORCESSL};
    return 1 if $self->StartTLS(%arg);
    # Where a handshake was begun there is no way back to clear text.
    return 1 if !$arg{FORCESSL} && !$self->{tls};
    $self->{err} = "SSL setup failed but it is required: $self->{err}" if $arg{FORCESSL};
    return undef;
}

# What CERTHOST says of our server: [name, verify, force].
sub _certhost {
    my ($self, $hosts) = @_;

    for my $entry (ref $hosts eq 'ARRAY' ? @$hosts : $hosts) {
        return $entry->{ $self->{host} } if ref $entry eq 'HASH' && $entry->{ $self->{host} };
        return [@$entry[1 .. 3]] if ref $entry eq 'ARRAY' && $entry->[0] eq $self->{host};
    }
    return undef;
}

sub StartTLS {
    my ($self, %arg) = @_;

    eval { require IO::Socket::SSL; 1 }
        or return $self->_fail('IO::Socket::SSL not available: FEATURE-NOT-SUPPORTED on client side');
    my $answer = $self->_send('STARTTLS');
    return $self->_fail('STARTTLS failed: ' . (defined $answer ? $answer : $!))
        unless defined $answer && $answer =~ /^OK STARTTLS/;
    # What came in clear behind the agreement is nobody's answer.
    return $self->_fail('The server sent clear text behind its agreement to use TLS')
        if $self->{buffer} ne '';

    my %tls = map { $_ => $arg{$_} } grep { /^SSL_/ && defined $arg{$_} } keys %arg;
    my %also = (CAFILE => 'ca_file', CAPATH => 'ca_path', CERTFILE => 'cert_file', KEYFILE => 'key_file');
    for my $key (keys %also) {
        $tls{"SSL_$also{$key}"} = $arg{$key} if defined $arg{$key} && !defined $tls{"SSL_$also{$key}"};
    }
    my $secret = defined $arg{CERTPASS} ? $arg{CERTPASS} : delete $tls{SSL_key_pass};
    $tls{SSL_passwd_cb} ||= sub { $secret } if defined $secret;
    $tls{SSL_hostname} = $self->{certname} || $self->{host} unless defined $tls{SSL_hostname};
    $tls{SSL_verifycn_name} ||= $tls{SSL_hostname};
    $tls{SSL_verifycn_scheme} ||= 'default';

    my $verify = !defined $arg{CERTVERIFY} || $arg{CERTVERIFY};
    $tls{SSL_verify_mode} =
        $verify ? IO::Socket::SSL::SSL_VERIFY_PEER() : IO::Socket::SSL::SSL_VERIFY_NONE();
    $self->{tls} = 1;
    local $SIG{PIPE} = 'IGNORE';
    IO::Socket::SSL->start_SSL($self->{srvsock}, Timeout => $self->{timeout}, %tls)
        or return $self->_fail('SSL upgrade failed: ' . IO::Socket::SSL->errstr());
    $self->_check_identity($arg{CERTIDENT}) or return undef;
    return 1 if $self->isValidProtocolVersion;
    return $self->_fail('The server agreed to use TLS, and then does not speak the protocol');
}

# Whether our own certificate is the one that is meant.
sub _check_identity {
    my ($self, $wanted) = @_;

    return 1 unless defined $wanted;
    my $own = $self->{srvsock}->sock_certificate or return 1;
    my $name = $self->{srvsock}->sock_certificate('commonName');
    return 1 if defined $name && $name eq $wanted;
    return $self->_fail("CERTIDENT mismatch: expected $wanted, found " . (defined $name ? $name : 'no name'));
}

# Remembers why something failed, and returns undef.
sub _fail {
    my ($self, $text) = @_;

    $self->_debug($self->{err} = $text);
    return undef;
}

sub _debug {
    my ($self, $text) = @_;

    return unless $self->{debug};
    chomp $text;
    if (defined $self->{debugout} && $self->{debugout} ne '' && open(my $out, '>>', $self->{debugout})) {
        my ($second, $minute, $hour, $day, $month, $year) = localtime;
        my $date = sprintf '%d/%d/%02d %d:%d:%d', $month + 1, $day, $year % 100, $hour, $minute, $second;
        print $out "$date $text\n";
        close $out;
    }
    else {
        print "DEBUG: $text\n";
    }
    return;
}

# A word of a request, in quotes where it needs them. One that is in quotes already is left alone.
sub _quote {
    my ($word) = @_;

    $word = '' unless defined $word;
    return $word if $word =~ /^[^\s"\\#=]+$/ || $word =~ /^"(?:[^"\\]|\\.)*"$/;
    $word =~ s/(["\\#])/\\$1/g;    # even there a # would begin a comment
    return qq("$word");
}

# The words of an answer, without quotes.
sub _split {
    my ($line) = @_;
    my @words;

    while ($line =~ /"((?:[^"\\]|\\.)*)"|([^\s"]+)/g) {
        my $word = defined $1 ? $1 : $2;
        $word =~ s/\\(.)/$1/g if defined $1;
        push @words, $word;
    }
    return @words;
}

# Sends a request and returns the answer in one line, or undef with the reason in $!. While {owed} is set, there
# is more of an answer to come: if that is so before a request, a handler of a signal died in the middle, and
# the rest would be taken for the answer to this one.
sub _send {
    my ($self, @words) = @_;
    my $request = shift @words;

    $request .= ' ' . _quote($_) for @words;
    $self->_hang_up if $self->{owed};
    unless ($self->{srvsock}) {
        $! = 107;    # ENOTCONN
        return undef;
    }
    if ($request =~ /[\r\n\0]/) {
        $! = 22;     # EINVAL
        return undef;
    }
    local $SIG{PIPE} = 'IGNORE';
    $self->{owed} = 1;
    if ($self->{srvsock}->print("$request\n")) {
        my $answer = $self->_getline;
        $self->{owed} = 0 unless defined $answer && $answer =~ /^BEGIN LIST/;
        return $answer;
    }
    my $error = $!;
    $self->_hang_up;
    $! = $error;
    return undef;
}

# The next line, without its end, or undef with the reason in $!. After that nobody knows whose answer comes
# next, so the connection is gone then.
sub _getline {
    my ($self) = @_;
    my $deadline = Time::HiRes::time() + $self->{timeout};
    my $end;

    while (($end = index $self->{buffer}, "\n") < 0) {
        my $waiting = $self->{tls} && $self->{srvsock}->pending;
        my $left    = $deadline - Time::HiRes::time();
        my $n;

        if ($waiting || ($left > 0 && $self->{select}->can_read($left))) {
            $n = sysread $self->{srvsock}, $self->{buffer}, 16384, length $self->{buffer};
            next if !defined $n && ($!{EINTR} || $!{EAGAIN});
            $! = 104 if defined $n && $n == 0;    # ECONNRESET
        }
        else {
            $! = 110;                             # ETIMEDOUT
        }
        next if $n && length $self->{buffer} <= LINE_MAX;
        my $error = $!;
        $self->_hang_up;
        $! = $error;
        return undef;
    }
    my $line = substr $self->{buffer}, 0, $end + 1, '';
    $line =~ s/\r?\n$//;
    return $line;
}

sub _hang_up {
    my ($self) = @_;

    local $SIG{PIPE} = 'IGNORE';    # TLS says goodbye
    close delete $self->{srvsock} if $self->{srvsock};
    $self->{authenticated} = 0;
    $self->{owed} = 0;
    return;
}

# Sends a request whose answer begins with a word that is known, and returns it; $prefix and $suffix are what
# the error says around that of the server.
sub _ask {
    my ($self, $pattern, $prefix, $suffix, @words) = @_;
    my $answer = $self->_send(@words);

    return $self->_fail("Network error: $!") unless defined $answer;
    return $answer if $answer =~ $pattern;
    return $self->_fail($prefix . $answer . $suffix) if $answer =~ /^ERR/;
    return $self->_fail("Unrecognized response from upsd: $answer");
}

sub _ups {
    my ($self, $ups) = @_;

    return defined $ups && $ups ne '' ? $ups : $self->{name};
}

sub Login {
    my ($self, $user, $pass, $ups) = @_;

    unless ($self->Authenticate($user, $pass)) {
        return undef unless $self->{err} =~ /ALREADY-SET/;
    }
    my $answer = $self->_send('LOGIN', $self->_ups($ups));
    return $self->_fail("Network error: $!") unless defined $answer;
    return 1 if $answer =~ /^OK/;
    return $self->_fail("LOGIN failed. Last message from upsd: $answer");
}

sub Authenticate {
    my ($self, $user, $pass) = @_;
    my $failed = 'Authentication failed. Last message from upsd: ';

    return 1 if $self->{authenticated};
    return $self->_fail('Authentication failed: username and/or password not provided (USERNAME-REQUIRED)')
        unless defined $user && defined $pass;
    for my $words (['USERNAME', $user], ['PASSWORD', $pass]) {
        my $answer = $self->_send(@$words);
        return $self->_fail("Network error: $!") unless defined $answer;
        return $self->_fail("$failed$answer") unless $answer =~ /^OK/;
    }
    $self->{authenticated} = 1;
    return 1;
}

sub Logout {
    my ($self) = @_;

    return unless $self->{srvsock};
    local ($@, $!);
    $self->_send('LOGOUT');
    $self->_hang_up;
    return;
}

sub Error {
    my ($self) = @_;

    return $self->{err} || 'No error explanation available.';
}

sub isValidProtocolVersion {
    my ($self, $pattern) = @_;

    for my $request (qw(PROTVER NETVER)) {
        my $answer = $self->_send($request);
        return undef unless defined $answer;
        next if $answer =~ /^ERR/;
        return $answer =~ (defined $pattern ? $pattern : qr/^\d+(?:\.\d+)?$/) ? 1 : '';
    }
    return '';
}

sub GetVar {
    my ($self, $var, $ups) = @_;
    my $answer = $self->_ask(qr/^VAR /, 'Error: ', ".  Requested $var.", 'GET VAR', $self->_ups($ups), $var);

    return undef unless defined $answer;
    my (undef, undef, $name, $value) = _split($answer);
    return $value if defined $value && lc $name eq lc $var;
    return $self->_fail("requested $var, received " . (defined $name ? $name : 'nothing'));
}

sub BattPercent { return $_[0]->GetVar('battery.charge') }
sub Status      { return $_[0]->GetVar('ups.status') }

sub LoadPercent {
    my ($self, $context) = @_;

    return $self->GetVar('output.' . _phase($context) . 'power.percent') if $context;
    my $value = $self->GetVar('output.power.percent');
    return defined $value ? $value : $self->GetVar('ups.load');
}

sub LineVoltage {
    my ($self, $context) = @_;

    $context = defined $context && $context =~ /^L?([123])$/ ? "L$1-N" : $context;
    return $self->GetVar('input.' . _phase($context) . 'voltage');
}

sub Temperature {
    my ($self) = @_;
    my $value = $self->GetVar('battery.temperature');

    return defined $value ? $value : $self->GetVar('ups.temperature');
}

sub _phase {
    my ($context) = @_;

    return '' unless $context;
    return $context =~ /^[123]$/ ? "L$context." : "$context.";
}

# Whether the outcome of a request is to be waited for; if so, it is tracked.
sub _waits {
    my ($self, $interval, $count) = @_;

    return 0 unless $interval && $count && $interval > 0 && $count > 0;
    $self->EnableTrackingModeOnce;
    return 1;
}

# The result of a request that has been taken: $value, and in a list the id of one that is not done yet.
sub _taken {
    my ($self, $answer, $value, $wait, $interval, $count) = @_;

    return $value unless $answer =~ /^OK TRACKING ([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/;
    my $id = UPS::Nut::TrackingID->new($1);
    if ($wait) {
        my $done = $self->WaitTrackingResult($id, $interval, $count);
        return $value if $done && $done > 0;
        return undef  if $done;
    }
    return wantarray ? ($value, $id) : $value;
}

sub Set {
    my ($self, $var, $value, $interval, $count, $ups) = @_;
    my $quoted = _quote($value);

    $quoted = qq("$quoted") unless $quoted =~ /^"/;
    my $wait   = $self->_waits($interval, $count);
    my $answer = $self->_ask(qr/^OK/, 'Error: ', '', 'SET VAR', $self->_ups($ups), $var, $quoted);
    return undef unless defined $answer;
    return $self->_taken($answer, $quoted, $wait, $interval, $count);
}

sub InstCmd {
    my ($self, $command, $interval, $count, $ups) = @_;

    chomp $command;
    my $failed = "Can't send instant command $command. Reason: ";
    my $wait   = $self->_waits($interval, $count);
    my $answer = $self->_ask(qr/^OK/, $failed, '', 'INSTCMD', $self->_ups($ups), split(' ', $command, 2));
    return undef unless defined $answer;
    return $self->_taken($answer, 1, $wait, $interval, $count);
}

sub SetTrackingMode {
    my ($self, $value) = @_;

    my $shown = defined $value ? "'$value'" : 'undef';

    return $self->_fail("Invalid setting for TRACKING mode was requested: $shown")
        unless defined $value && $value =~ /^(?:ON|OFF)$/;
    $self->{tracking} = defined $self->_ask(qr/^OK/, 'Error: ', '', 'SET TRACKING', $value) ? $value : undef;
    return $self->{tracking};
}

sub EnableTrackingModeOnce {
    my ($self) = @_;

    return 1 if defined $self->{tracking} && $self->{tracking} eq 'ON';
    return defined $self->SetTrackingMode('ON') ? 1 : undef;
}

sub GetTrackingResult {
    my ($self, $tracked) = @_;
    my $id = ref $tracked ? $tracked->id : $tracked;
    my $answer = $self->_send('GET TRACKING', $id);

    return $self->_fail("Network error: $!") unless defined $answer;
    return $answer if $answer =~ /^(?:SUCCESS|PENDING)$/;
    $self->_fail("Request with TRACKING ID $id has completed with a failure: $answer");
    return $answer =~ /^ERR/ ? $answer : undef;
}

sub WaitTrackingResult {
    my ($self, $tracked, $interval, $count) = @_;

    return undef unless defined $tracked;
    for (1 .. $count || 10) {
        my $answer = $self->GetTrackingResult($tracked);
        return undef unless defined $answer;
        return 1  if $answer eq 'SUCCESS';
        return -1 if $answer =~ /^ERR/;
        Time::HiRes::sleep($interval || 1);
    }
    $self->_debug('Timed out while waiting for the outcome of a request');
    return 0;
}

# The rows of a list, each as the words behind the names.
sub _get_list {
    my ($self, $kind, @names) = @_;
    my $answer = $self->_ask(qr/^BEGIN LIST/, 'Error: ', '', "LIST $kind", @names);
    my @rows;

    return undef unless defined $answer;
    while (defined($answer = $self->_getline)) {
        if ($answer =~ /^END LIST/) {
            $self->{owed} = 0;
            return \@rows;
        }
        my @words = _split($answer);
        push @rows, [@words[1 + @names .. $#words]];
    }
    return $self->_fail("Network error: $!");
}

# As a reference to a hash of pairs, or to a list of first words.
sub _get_hash {
    my $rows = shift->_get_list(@_);

    return $rows && { map { $_->[0] => $_->[1] } @$rows };
}

sub _get_first {
    my $rows = shift->_get_list(@_);

    return $rows && [map { $_->[0] } @$rows];
}

sub ListUPS  { return $_[0]->_get_hash('UPS') }
sub ListRW   { return $_[0]->_get_hash('RW', $_[0]->_ups($_[1])) }
sub ListCmd  { return $_[0]->_get_first('CMD', $_[0]->_ups($_[1])) }
sub ListEnum { return $_[0]->_get_first('ENUM', $_[0]->_ups($_[2]), $_[1]) }

sub ListVar {
    my ($self, @names) = @_;
    # All variables have a dot in their names.
    my $ups = $self->_ups(@names && $names[0] !~ /\./ ? shift @names : undef);
    my $all = $self->_get_hash('VAR', $ups);

    return $all && @names ? { map { $_ => $all->{$_} } @names } : $all;
}

sub ListRange {
    my ($self, $var, $ups) = @_;
    my $rows = $self->_get_list('RANGE', $self->_ups($ups), $var);

    return $rows && [map { { min => $_->[0], max => $_->[1] } } @$rows];
}

sub ListClient {
    my ($self, $ups) = @_;
    my $clients = $self->_get_first('CLIENT', $self->_ups($ups));

    return $clients && { map { $_ => $_ } @$clients };
}

# What GET says behind the names, as one text.
sub _get_text {
    my ($self, $kind, @names) = @_;
    my $answer = $self->_ask(qr/^$kind /, 'Error: ', '', "GET $kind", @names);

    return undef unless defined $answer;
    my @words = _split($answer);
    return join ' ', @words[1 + @names .. $#words];
}

sub GetDesc    { return $_[0]->_get_text('DESC',    $_[0]->_ups($_[2]), $_[1]) }
sub GetType    { return $_[0]->_get_text('TYPE',    $_[0]->_ups($_[2]), $_[1]) }
sub GetCmdDesc { return $_[0]->_get_text('CMDDESC', $_[0]->_ups($_[2]), $_[1]) }
sub GetUPSDesc { return $_[0]->_get_text('UPSDESC', $_[0]->_ups($_[1])) }

sub Master {
    my ($self, $ups) = @_;
    my $answer;

    for my $word (qw(PRIMARY MASTER)) {
        $answer = $self->_send($word, $self->_ups($ups));
        return $self->_fail("Network error: $!") unless defined $answer;
        return 1 if $answer =~ /^OK/;
        last     if $answer !~ /^ERR UNKNOWN-COMMAND/;
    }
    return $self->_fail("PRIMARY/MASTER level access denied.  Upsd responded: $answer");
}

sub FSD {
    my ($self, $ups) = @_;
    my $failed = "Can't set FSD flag.  Upsd reports: ";

    return defined $self->_ask(qr/^OK FSD-SET/, $failed, '', 'FSD', $self->_ups($ups)) ? 1 : undef;
}

sub Primary       { goto &Master }
sub becomePrimary { goto &Master }

# What these were called before.
sub Request     { goto &GetVar }
sub VarDesc     { goto &GetDesc }
sub VarType     { goto &GetType }
sub InstCmdDesc { goto &GetCmdDesc }

sub DESTROY {
    my ($self) = @_;

    $self->Logout;
    return;
}

# Any other method is an instant command.
sub AUTOLOAD {
    my ($self, @arguments) = @_;
    (my $name = $AUTOLOAD) =~ s/^.*:://;

    croak "No such function: $name" unless ref $self;
    $self->{cmds} ||= { map { $_ => 1 } @{ $self->ListCmd || [] } };
    croak "No such InstCmd: $name" unless $self->{cmds}{$name};
    return $self->InstCmd($name, @arguments);
}

sub TIEHASH {
    my ($class, @arguments) = @_;

    return ($class || 'UPS::Nut')->new(@arguments);
}

sub FETCH  { return $_[0]->GetVar($_[1]) }
sub STORE  { return $_[0]->Set($_[1], $_[2]) }
sub DELETE { croak 'DELETE operation not supported' }
sub CLEAR  { croak 'CLEAR operation not supported' }
sub EXISTS { return exists $_[0]{vars}{ $_[1] } }

sub FIRSTKEY {
    my ($self) = @_;

    keys %{ $self->{vars} };
    return scalar each %{ $self->{vars} };
}

sub NEXTKEY { return scalar each %{ $_[0]{vars} } }
sub UNTIE   { $_[0]->Logout; return }

package UPS::Nut::TrackingID;

sub new {
    my ($class, $id) = @_;

    return bless { id => $id, created => time }, $class;
}

sub id       { return $_[0]{id} }
sub created  { return $_[0]{created} }
sub age      { return time - $_[0]{created} }
sub toString { return $_[0]{id} }
sub isValid  { return defined $_[0]{id} && $_[0]{id} ne '' }

1;
