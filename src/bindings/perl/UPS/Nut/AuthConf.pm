# SPDX-License-Identifier: LGPL-2.1-or-later
package UPS::Nut::AuthConf;

use strict;
use warnings;

our $CONFPATH = '/etc/nut';

my @known;
my $defaults;
my $debug = 0;

# Key in the file, in capitals: field. Those of %switch are 1, 0, or -1 where nothing is said.
my %keys = (
    USER           => 'user',
    USERNAME       => 'user',
    PASS           => 'pass',
    PASSWORD       => 'pass',
    CERTPATH       => 'certpath',
    CERTFILE       => 'certfile',
    CERTIDENT_NAME => 'certident',
    CERTIDENT_PASS => 'certpasswd',
    SSLBACKEND     => 'ssl_backend',
    CERTHOST       => 'certhost',
    CERTVERIFY     => 'certverify',
    FORCESSL       => 'forcessl',
);
my %switch = (certverify => 1, forcessl => 1);

sub getAuthConfList  { return @known }
sub setDebug         { $debug = $_[1] || 0; return }
sub getDebug         { return $debug }

sub freeAuthConfList {
    @known    = ();
    $defaults = undef;
    return;
}

sub _debug {
    my ($class, $text) = @_;

    print STDERR "DEBUG: $text\n" if $debug;
    return;
}

# The one spelling of a section's name, "user@host:port", and the user or undef.
sub normalizeSection {
    my ($class, $section) = @_;
    my ($user, $host, $port) = $section =~ /^(?:(.*)\@)?(\[[^][]*\]|[^][:]*)(?::(.*))?$/
        or die "Invalid authconf section: '$section'\n";

    $host =~ s/^\[(.*)\]$/$1/;
    $host = 'localhost' if $host eq '';
    $port = '3493' unless defined $port && $port ne '';
    if ($port !~ /^\d+$/) {
        my $number = getservbyname($port, 'tcp');
        $port = $number if defined $number;
    }
    $user = undef if defined $user && $user eq '';
    return ((defined $user ? $user : '') . '@' . ($host =~ /:/ ? "[$host]" : $host) . ":$port", $user);
}

sub new {
    my ($class, $section) = @_;
    my $user;

    $section = '' unless defined $section;
    $section = $1 if $section =~ /^\[(.*\@.*|[^:]*|\[.*)\]$/;
    ($section, $user) = $class->normalizeSection($section) if $section ne '';
    my %self = map { $_ => $switch{$_} ? -1 : undef } values %keys;
    return bless { %self, section => $section, user => $user }, $class;
}

# The first nutauth.conf that there is, where NUT's programs look for it.
sub _default_file {
    my $home      = $ENV{HOME};
    my $directory = $ENV{NUT_AUTHCONF_PATH};
    my @places    = (
        $ENV{NUT_AUTHCONF_FILE},
        defined $directory ? "$directory/nutauth.conf" : undef,
        defined $home ? ("$home/.config/nut/nutauth.conf", "$home/.nutauth.conf") : (),
        ($ENV{NUT_CONFPATH} || $CONFPATH) . '/nutauth.conf',
    );

    return (grep { defined && -f } @places)[0];
}

# The words of a line: blanks divide, quotes and backslashes protect, a # ends it, "=" is a word of its own.
sub _words {
    my ($line) = @_;
    my @words;

    while ($line =~ /"((?:[^"\\]|\\.)*)"|'([^']*)'|(=)|((?:[^\s"'=#\\]|\\.)+)|(#.*)|(\S)/g) {
        my ($quoted, $single, $equals, $plain, $comment, $other) = ($1, $2, $3, $4, $5, $6);
        last if defined $comment;
        die "nothing ends the $other\n" if defined $other;
        my $word = (grep { defined } $quoted, $single, $equals, $plain)[0];
        $word =~ s/\\(.)/$1/g unless defined $single;
        push @words, $word;
    }
    return @words;
}

sub readAuthConfFile {
    my ($class, $filename, $fatal, $global) = @_;
    my $section;

    $global = 1 unless defined $global;
    $filename = _default_file() unless defined $filename;
    my $file;
    unless (defined $filename && open($file, '<', $filename)) {
        my $message = defined $filename ? "Could not open $filename: $!" : 'There is no nutauth.conf';
        die "$message\n" if $fatal;
        $class->_debug($message);
        return @known;
    }
    $section = $defaults if $global;
    while (defined(my $line = <$file>)) {
        $section = eval { $class->_take_line($line, $section, $global) };
        next if $@ eq '';
        chomp(my $message = "$filename:$.: $@");
        die "$message\n" if $fatal;
        print STDERR "$message\n";
    }
    close $file;
    return @known;
}

# What one line says; returns the section that the next one belongs to.
sub _take_line {
    my ($class, $line, $section, $global) = @_;

    $line =~ s/^\s+|\s+$//g;
    return $class->_find_or_add($1) if $line =~ /^\[(.*)\]\s*(?:#.*)?$/;
    my @words = _words($line) or return $section;
    my $key   = $keys{ uc $words[0] };

    if ($words[0] =~ /^INCLUDE(_REQUIRED)?$/i && @words == 2) {
        my $required = defined $1;
        my $outside  = !defined $section || defined $defaults && $section == $defaults;
        $class->readAuthConfFile($words[1], $required, $outside ? 1 : 0);
        return $section;
    }
    die "Neither a section nor a setting that is known: '$words[0]'\n"
        unless defined $key && @words == 3 && $words[1] eq '=';
    return undef if !defined $section && !$global;

    $section = $class->_find_or_add('') unless defined $section;
    my $value = $switch{$key} ? ($words[2] =~ /^(?:on|yes|1|true)$/i ? 1 : 0) : $words[2];
    $section->{$key} = $value unless $key eq 'user' && defined $section->{user};
    return $section;
}

sub _find_or_add {
    my ($class, $name) = @_;

    if ($name eq '' || $name eq '*' || $name eq '_global_defaults') {
        push @known, $defaults = $class->new('') unless defined $defaults;
        return $defaults;
    }
    my $new = $class->new($name);
    for my $section (@known) {
        return $section if $section->{section} eq $new->{section};
    }
    push @known, $new;
    return $new;
}

# Takes what is not said here from another one.
sub merge {
    my ($self, $source) = @_;

    return unless defined $source;
    for my $key (values %keys) {
        my $unset = $switch{$key} ? $self->{$key} == -1 : !defined $self->{$key};
        $self->{$key} = $source->{$key} if $unset;
    }
    return;
}

sub _spell {
    my ($class, $user, $host, $port) = @_;

    $host = 'localhost' unless defined $host && $host ne '';
    $host = "[$host]" if $host =~ /:/ && $host !~ /^\[/;
    my $text = (defined $user ? $user : '') . '@' . $host . (defined $port ? ":$port" : '');
    return ($class->normalizeSection($text))[0];
}

sub _by_section {
    my ($class, $configs) = @_;
    my @all = $configs ? @$configs : @known ? @known : $class->readAuthConfFile;

    return map { $_->{section} => $_ } @all;
}

# All that applies: the user's section at this server first, then the server's, then the defaults.
sub getAuthConf {
    my ($class, $user, $host, $port, $configs) = @_;
    my %by_section = $class->_by_section($configs);
    my $result = $class->new($class->_spell($user, $host, $port));

    $result->merge($by_section{$_}) for $result->{section}, $class->_spell(undef, $host, $port), '';
    $result->{user} = $user if defined $user;
    return $result;
}

# The section of the user at this server, else the defaults, which may be undef.
sub findAuthConf {
    my ($class, $user, $host, $port, $configs) = @_;
    my %by_section = $class->_by_section($configs);

    return $by_section{ $class->_spell($user, $host, $port) } || $by_section{''};
}

# Arguments for UPS::Nut->new().
sub to_nut_args {
    my ($self) = @_;
    my ($host, $port) = $self->{section} =~ /^[^@]*\@(.*):(\d+)$/;

    $host = 'localhost' unless defined $host;
    $host =~ s/^\[(.*)\]$/$1/;
    my %arg = (HOST => $host, PORT => defined $port ? $port : 3493);
    $arg{USERNAME} = $self->{user} if defined $self->{user};
    $arg{PASSWORD} = $self->{pass} if defined $self->{pass};
    $arg{LOGIN}    = 1 if defined $self->{user};
    $arg{USESSL}   = $arg{FORCESSL} = 1 if $self->{forcessl} > 0;
    $arg{CERTVERIFY} = $self->{certverify} if $self->{certverify} != -1;
    $arg{ -d $self->{certpath} ? 'CAPATH' : 'CAFILE' } = $self->{certpath} if defined $self->{certpath};
    $arg{CERTFILE}  = $self->{certfile}   if defined $self->{certfile};
    $arg{CERTIDENT} = $self->{certident}  if defined $self->{certident};
    $arg{CERTPASS}  = $self->{certpasswd} if defined $self->{certpasswd};
    $arg{CERTHOST} = { $host => [$self->{certhost}, $arg{CERTVERIFY}, 0] } if defined $self->{certhost};
    return %arg;
}

1;
