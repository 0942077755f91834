using System;
using System.Diagnostics;
using System.Runtime.Serialization;
using System.Text.Json.Serialization;
using System.Threading;
using System.Threading.Tasks;

namespace Agglestone;

/// <summary>
/// Settings of a client. What is null comes from the environment, then from defaults. Can be bound to the section
/// <see cref="SectionName"/> of an application's configuration. Checked when the client is made.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class AgglestoneClientOptions
{
    /// <summary>The section of the configuration that holds these settings, as in <c>Agglestone:TenantId</c>.</summary>
    public const string SectionName = "Agglestone";

    /// <summary>The tenant, a GUID. Environment: <c>AGGLESTONE_TENANT_ID</c>.</summary>
    public string? TenantId { get; set; }

    /// <summary>The API key that calls use. Environment: <c>AGGLESTONE_API_KEY</c>. Never shown or serialized.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    [IgnoreDataMember]
    public string? ApiKey { get; set; }

    /// <summary>The tenant's other API key. Environment: <c>AGGLESTONE_SECONDARY_API_KEY</c>. Never shown or serialized.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    [IgnoreDataMember]
    public string? SecondaryApiKey { get; set; }

    /// <summary>
    /// A file that holds the API key, as a mounted secret does; a change is noticed within a second of the next call.
    /// Environment: <c>AGGLESTONE_API_KEY_FILE</c>.
    /// </summary>
    public string? ApiKeyFile { get; set; }

    /// <summary>A file that holds the tenant's other API key. Environment: <c>AGGLESTONE_SECONDARY_API_KEY_FILE</c>.</summary>
    public string? SecondaryApiKeyFile { get; set; }

    /// <summary>
    /// A function that knows the keys, such as a secret manager's client: asked when every key was refused, and before the
    /// first call unless <see cref="ApiKey"/> is given too. Replaces files and environment. Never called by two calls at once.
    /// The message of what it throws gets into errors and events, so it must hold no secret. Its token is cancelled when the client
    /// is disposed.
    /// </summary>
    [JsonIgnore]
    [IgnoreDataMember]
    public Func<CancellationToken, Task<ApiKeys>>? ApiKeySource { get; set; }

    /// <summary>
    /// Is told what happens to the keys, in order and on a thread of the pool, for the application's log.
    /// What it throws is ignored.
    /// </summary>
    [JsonIgnore]
    [IgnoreDataMember]
    public Action<ApiKeyEvent>? OnApiKeyEvent { get; set; }

    /// <summary>
    /// Where the service is: https, or http to this machine. Default <c>https://auth.agglestone.com</c>.
    /// Environment: <c>AGGLESTONE_BASE_URL</c>.
    /// </summary>
    public string? BaseUrl { get; set; }

    /// <summary>The path of the users below the tenant. Default <c>api/v2.0/Users</c>. Environment: <c>AGGLESTONE_USERS_PATH</c>.</summary>
    public string? UsersPath { get; set; }

    /// <summary>
    /// A PEM file of certificates to trust in addition to the platform's, as for a service behind a private CA.
    /// Environment: <c>AGGLESTONE_CA_FILE</c>.
    /// </summary>
    public string? CaFile { get; set; }

    /// <summary>Names the application in the User-Agent, so that the service side can tell who uses which key.</summary>
    public string? AppName { get; set; }

    /// <summary>
    /// Accepts plain http to another machine, as for an emulator in a container; keys then travel unencrypted. Default false.
    /// Environment: <c>AGGLESTONE_ALLOW_INSECURE_HTTP</c>.
    /// </summary>
    public bool? AllowInsecureHttp { get; set; }

    /// <summary>How long establishing a connection may take. Default 5 s.</summary>
    public TimeSpan? ConnectTimeout { get; set; }

    /// <summary>How long one attempt may take, from connecting to the last byte of the answer. Default 30 s.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>How long a whole call may take, over all its attempts. Default 60 s.</summary>
    public TimeSpan? Deadline { get; set; }

    /// <summary>How often a failed attempt is retried, only when that can't duplicate an action. Default 2; 0 to 10.</summary>
    public int? MaxRetries { get; set; }

    /// <summary>
    /// How many connections to the service there may be over HTTP/1.1; over HTTP/2 one is shared by all. Calls beyond it wait, first
    /// come first served, as long as their <see cref="Deadline"/> allows. Default 128; 1 to 10,000.
    /// </summary>
    public int? MaxConnections { get; set; }

    /// <summary>
    /// How many threads drive the network. Clients of the process with the same number share them. Default 1, which serves some
    /// 60,000 calls a second; 1 to 16.
    /// </summary>
    public int? IoThreads { get; set; }

    /// <summary>How long a connection may be idle before it is closed; less where the service is seen to close earlier. Default 55 s.</summary>
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>
    /// How old a connection may grow before another takes its place, so that a busy client follows DNS. Spread by a tenth; zero for
    /// never. Default 300 s.
    /// </summary>
    public TimeSpan? ConnectionMaxAge { get; set; }

    /// <summary>How many users' tokens are kept; the least recently used go first. Default 10,000; 1 to 1,000,000.</summary>
    public int? TokenCacheSize { get; set; }

    /// <summary>
    /// A Valkey or Redis server (6 or newer) over which processes share their users' tokens, so that a whole fleet makes one exchange a
    /// user: <c>rediss://user:password@host:6379/0</c>; plain <c>redis://</c> to this machine, or with <see cref="AllowInsecureHttp"/>.
    /// Entries are sealed: the server sees neither users nor tokens. No call fails or waits longer than 100 ms because of it.
    /// Environment: <c>AGGLESTONE_TOKEN_STORE</c>. Default: none. Never shown or serialized.
    /// </summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    [IgnoreDataMember]
    public string? TokenStore { get; set; }

    /// <summary>
    /// What the entries of the token store are sealed with, the same for the whole fleet: at least 32 characters, 32 random bytes in
    /// base64 or hex. Environment: <c>AGGLESTONE_TOKEN_STORE_KEY</c>. Default: the API keys, under each of which every entry is then
    /// written. Never shown or serialized.
    /// </summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    [IgnoreDataMember]
    public string? TokenStoreKey { get; set; }

    /// <summary>
    /// Whom tokens may be meant for: what the claim <c>aud</c> of a token to verify may hold beside the tenant's id. A token without
    /// <c>aud</c> is accepted either way. Default: the tenant's id alone.
    /// </summary>
    public string? Audience { get; set; }

    /// <summary>How far the clocks of the service and of this machine may be apart when tokens are verified. Default 5 s; 0 to 60 s.</summary>
    public TimeSpan? ClockTolerance { get; set; }

    /// <summary>
    /// How many verified tokens are known again, by their SHA-256, until they expire; the least recently used go first. Default
    /// 10,000; 0, which verifies each token anew, to 1,000,000.
    /// </summary>
    public int? VerifyCacheSize { get; set; }

    /// <summary>
    /// Whether each attempt (<c>request</c>, at Debug) and each call (<c>call</c>, at Information) is told to <see cref="OnApiKeyEvent"/>,
    /// with route template, status, time and key, and without ids, queries, bodies and secrets. Default false. Environment:
    /// <c>AGGLESTONE_REQUEST_LOG</c>.
    /// </summary>
    public bool? RequestLog { get; set; }

    /// <summary>The same settings in an object of their own.</summary>
    public AgglestoneClientOptions Clone() => (AgglestoneClientOptions)MemberwiseClone();

    /// <summary>Tenant and address, never a key.</summary>
    public override string ToString() => $"AgglestoneClientOptions {{ TenantId = {TenantId}, BaseUrl = {BaseUrl} }}";
}
