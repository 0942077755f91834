using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Tasks;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Agglestone.AspNetCore;

/// <summary>Signs in whoever has a token of the tenant, and refuses by the rules of docs/web.md. No answer tells why.</summary>
internal sealed class AgglestoneBearerHandler(
    IOptionsMonitor<AgglestoneBearerOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AgglestoneBearerOptions>(options, logger, encoder)
{
    private const string Bearer = "Bearer";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var authorization = Request.Headers.Authorization;
        if (authorization.Count > 1)
        {
            return AuthenticateResult.Fail("several Authorization headers");
        }

        if (TokenIn(authorization) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        var client = Options.Client?.Invoke(Context.RequestServices) ?? Context.RequestServices.GetRequiredService<AgglestoneClient>();
        try
        {
            var claims = await client.VerifyTokenAsync(token, Options.Check, Context.RequestAborted).ConfigureAwait(false);
            return AuthenticateResult.Success(new AuthenticationTicket(Principal(claims), Scheme.Name));
        }
        catch (AgglestoneException exception) when (exception is AgglestoneInvalidTokenException || exception.IsRetryable)
        {
            return AuthenticateResult.Fail(exception);
        }
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync().ConfigureAwait(false);
        if (result.Failure is IAgglestoneError { IsRetryable: true } unavailable)
        {
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            if (unavailable.RetryAfter is { } wait)
            {
                Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }

            return;
        }

        Challenge(StatusCodes.Status401Unauthorized, result.Failure is null ? null : "invalid_token");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Challenge(StatusCodes.Status403Forbidden, "insufficient_scope");
        return Task.CompletedTask;
    }

    /// <summary>As RFC 6750, section 3, has it; without credentials there is no error to tell.</summary>
    private void Challenge(int status, string? error)
    {
        Response.StatusCode = status;
        var challenge = error is null ? Bearer : $"{Bearer} error=\"{error}\"";
        // Other schemes of the application may have theirs.
        Response.Headers.WWWAuthenticate = StringValues.Concat(Response.Headers.WWWAuthenticate, challenge);
    }

    /// <summary>Null without credentials of this kind.</summary>
    private static string? TokenIn(StringValues authorization)
    {
        var parts = authorization.ToString().Split(' ', 2);
        return parts[0].Equals(Bearer, StringComparison.OrdinalIgnoreCase) ? parts.ElementAtOrDefault(1)?.Trim(' ') ?? "" : null;
    }

    private ClaimsPrincipal Principal(TokenClaims token)
    {
        var claims = new List<Claim> { new(ClaimTypes.NameIdentifier, token.UserId) };
        claims.AddRange(token.Groups.Select(group => new Claim(ClaimTypes.Role, group)));
        foreach (var (name, value) in token.Extra)
        {
            claims.AddRange(Texts(value).Select(text => new Claim(name, text)));
        }

        if (!token.Extra.ContainsKey("sub"))
        {
            claims.Add(new Claim("sub", token.UserId));
        }

        return new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name, ClaimTypes.NameIdentifier, ClaimTypes.Role));
    }

    /// <summary>A claim's values: each of an array, and JSON for what is no text.</summary>
    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Null => [],
        _ => [value.GetRawText()],
    };
}
