using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Claims;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.AspNetCore;
using Agglestone.Tests;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

using NUnit.Framework;

namespace Agglestone.Extensions.Tests;

/// <summary>Users' tokens in an application, over HTTP.</summary>
public sealed class BearerTests
{
    private const string Amelia = "b95816fe-f4ab-49ac-889a-e6a161005339";

    private static readonly (int, string, string) Missing = (401, "Bearer", "");

    private static readonly (int, string, string) Invalid = (401, "Bearer error=\"invalid_token\"", "");

    [SetUp]
    public Task Reset() => Emulator.ResetAsync();

    [Test]
    public async Task AUsersTokenLetsTheUserInAndNothingElseDoes()
    {
        await using var host = await StartAsync();
        var token = await TokenAsync(host);
        foreach (var header in new[] { $"Bearer {token}", $"bEARER   {token}" })
        {
            using var answer = await GetAsync(host, "me", header);
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo($"{Amelia} {Amelia} Admin {Emulator.TenantId}"));
        }

        Assert.That(await VerdictAsync(host, "open"), Is.EqualTo((200, "", "")));
        Assert.That(await VerdictAsync(host, "me"), Is.EqualTo(Missing));
        foreach (var foreign in new[] { "Basic YTpi", "Bearerish x", $"Token {token}", token })
        {
            Assert.That(await VerdictAsync(host, "me", foreign), Is.EqualTo(Missing), foreign);
        }

        foreach (var bad in new[] { "Bearer", "Bearer x", $"Bearer {token[..^8]}AAAAAAAA", $"Bearer {token},", $"Bearer {token} x" })
        {
            Assert.That(await VerdictAsync(host, "me", bad), Is.EqualTo(Invalid), bad);
            using var answer = await GetAsync(host, "me", bad);
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.Empty);
        }
    }

    [TestCase("Bearer {0}", "Bearer {0}")]
    [TestCase("", "Bearer {0}")]
    public async Task SeveralHeadersAreNoToken(params string[] authorization)
    {
        await using var host = await StartAsync();
        var token = await TokenAsync(host);
        var address = host.Http.BaseAddress!;
        // HttpClient would make one header of them.
        using var connection = new TcpClient(address.Host, address.Port);
        var headers = authorization.Select(value => $"Authorization: {value.Replace("{0}", token, StringComparison.Ordinal)}\r\n");
        var request = $"GET /me HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n{string.Concat(headers)}\r\n";
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(connection.GetStream());
        var answer = await reader.ReadToEndAsync();
        Assert.That(answer, Does.StartWith("HTTP/1.1 401 ").And.Contains("invalid_token"));
    }

    [Test]
    public async Task AUserWithoutTheRoleIsForbidden()
    {
        await using var host = await StartAsync();
        var token = await TokenAsync(host);
        Assert.That(await VerdictAsync(host, "admin", $"Bearer {token}"), Is.EqualTo((200, "", "")));
        Assert.That(await VerdictAsync(host, "nobody", $"Bearer {token}"), Is.EqualTo((403, "Bearer error=\"insufficient_scope\"", "")));
        Assert.That(await VerdictAsync(host, "nobody"), Is.EqualTo(Missing));
        Assert.That(await VerdictAsync(host, "nobody", "Bearer x"), Is.EqualTo(Invalid));
    }

    [Test]
    public async Task WithoutSigningKeysItIsUnavailableForAsLongAsTheServiceSays()
    {
        await using var host = await StartAsync();
        var token = await TokenAsync(host);
        await Emulator.FaultAsync(new { path = "*/openid-configuration", status = 404, times = 1 });
        Assert.That(await VerdictAsync(host, "me", $"Bearer {token}"), Is.EqualTo((503, "", "")));
        var headers = new Dictionary<string, string> { ["Retry-After"] = "7" };
        await Emulator.FaultAsync(new { path = "*/openid-configuration", status = 503, headers, times = 1 });
        Assert.That(await VerdictAsync(host, "me", $"Bearer {token}"), Is.EqualTo((503, "", "7")));
        Assert.That(await VerdictAsync(host, "me", $"Bearer {token}"), Is.EqualTo((200, "", "")));
    }

    [Test]
    public async Task AMistakeOfTheApplicationIsNoRefusal()
    {
        using var client = Emulator.NewClient();
        await using var host = await StartAsync(options => options.Client = _ => client);
        var token = await client.ExchangeApiKeyForTokenAsync(Amelia);
        Assert.That(await VerdictAsync(host, "me", $"Bearer {token}"), Is.EqualTo((200, "", "")));
        client.Dispose();
        Assert.That(await VerdictAsync(host, "me", $"Bearer {token}"), Is.EqualTo((500, "", "")));
    }

    [Test]
    public async Task AnErrorThatWaitingDoesNotMendIsNoRefusal()
    {
        using var broken = new BrokenClient();
        await using var host = await StartAsync(options => options.Client = _ => broken);
        Assert.That(await VerdictAsync(host, "me", "Bearer x"), Is.EqualTo((500, "", "")));
    }

    [Test]
    public async Task TheServiceIsAskedAboutTheUserWhereThatIsWanted()
    {
        await using var host = await StartAsync(options => options.Check = TokenCheck.Service);
        var token = await TokenAsync(host);
        await Emulator.FaultAsync(new { path = "*/Users/*", status = 503, times = 1 });
        Assert.That(await VerdictAsync(host, "me", $"Bearer {token}"), Is.EqualTo((503, "", "")));
        await Emulator.FaultAsync(new { path = "*/Users/*", status = 404, times = 1 });
        Assert.That(await VerdictAsync(host, "me", $"Bearer {token}"), Is.EqualTo(Invalid));
        await using var plain = await StartAsync();
        Assert.That(await VerdictAsync(plain, "me", $"Bearer {token}"), Is.EqualTo((200, "", "")));
    }

    private sealed class BrokenClient : AgglestoneClient
    {
        public override Task<TokenClaims> VerifyTokenAsync(string token, TokenCheck check = TokenCheck.None, CancellationToken cancellationToken = default) =>
            throw new AgglestoneException(AgglestoneErrorCode.Panic, "a bug");
    }

    private static Task<Host> StartAsync(Action<AgglestoneBearerOptions>? configure = null) => Host.StartAsync(
        (services, configuration) =>
        {
            services.AddAgglestone(configuration.GetSection("Agglestone"));
            services.AddAuthentication().AddAgglestoneBearer(configure);
            services.AddAuthorization();
        },
        app =>
        {
            app.MapGet("/open", () => "");
            app.MapGet("/me", (ClaimsPrincipal user) => string.Join(
                ' ',
                user.Identity!.Name,
                user.FindFirstValue("sub"),
                string.Join(',', user.FindAll(ClaimTypes.Role).Select(role => role.Value)),
                user.FindFirstValue("tenantId"))).RequireAuthorization();
            app.MapGet("/admin", () => "").RequireAuthorization(policy => policy.RequireRole("Nobody", "Admin"));
            app.MapGet("/nobody", () => "").RequireAuthorization(policy => policy.RequireRole("Nobody", "admin"));
        },
        ("Agglestone:MaxRetries", "0"));

    private static Task<string> TokenAsync(Host host) =>
        host.Services.GetRequiredService<AgglestoneClient>().ExchangeApiKeyForTokenAsync(Amelia);

    private static async Task<HttpResponseMessage> GetAsync(Host host, string path, string? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await host.Http.SendAsync(request);
    }

    private static async Task<(int Status, string Challenge, string RetryAfter)> VerdictAsync(
        Host host, string path, string? authorization = null)
    {
        using var answer = await GetAsync(host, path, authorization);
        var wait = answer.Headers.RetryAfter?.Delta?.TotalSeconds.ToString(CultureInfo.InvariantCulture) ?? "";
        return ((int)answer.StatusCode, answer.Headers.WwwAuthenticate.ToString(), wait);
    }
}
